from orderlog_server.cli.program import main

main()
