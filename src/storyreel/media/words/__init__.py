"""
Words on pictures: which face can draw them, how they are broken into lines, and how they look.
"""
