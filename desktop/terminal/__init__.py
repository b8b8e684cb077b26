"""The subcommands of `inkfall`, for terminals and scripts. Never imports Qt."""
