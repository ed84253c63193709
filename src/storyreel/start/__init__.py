"""How somebody begins: a folder with a storyboard that can be shot as it is, out of a starter or a list of shots; help for their editor."""
