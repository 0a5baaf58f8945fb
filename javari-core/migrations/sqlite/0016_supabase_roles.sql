-- SQLite knows no roles; there is nothing to take from any.
SELECT 1;
