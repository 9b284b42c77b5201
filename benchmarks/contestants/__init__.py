"""The libraries that are raced, a process each: it takes orders as lines of JSON, and answers each with one."""
