"""The API, played: paths, rules, jobs and answers."""
