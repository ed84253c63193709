"""From clips to what a person is handed: the film, its contact sheet, its cut list, the films page."""
