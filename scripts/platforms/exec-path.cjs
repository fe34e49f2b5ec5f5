// For a Node that an emulator runs: its children are started by the emulator too.
process.execPath = process.env.NODE_EXEC_PATH
