"""What runs inside the user's process: init, run, config, summary, console, media. It writes the journal and never waits for the network.

It must not load the server's side, nor NumPy, nor an HTTP library: `import playhead` takes under 30 ms.
"""
