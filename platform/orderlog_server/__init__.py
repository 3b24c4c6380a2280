"""The composition root: settings, wiring, the web application, the command line and the demo."""
