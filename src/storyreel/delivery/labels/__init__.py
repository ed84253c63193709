"""
What a film says of how it was made: in its file as XMP, in plain words beside it, and signed, where there is a certificate.
"""
