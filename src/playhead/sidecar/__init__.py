"""The background process beside a training: ships journals to the server, samples the machine, notices when the training dies."""
