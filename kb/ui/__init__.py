"""The web app: a tab for each thing to do. `server.serve` starts it, `app` says how it is built."""
