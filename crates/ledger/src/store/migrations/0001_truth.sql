-- One row: where the log stands. `epoch` fences a writer that was superseded.
CREATE TABLE head(
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  edge BLOB NOT NULL
) STRICT;
INSERT INTO head(one, epoch, size, at, edge) VALUES (1, 0, 0, 0, x'');

-- One row per entry of the log; events have a sealed opening until it is destroyed.
CREATE TABLE leaf(
  position INTEGER PRIMARY KEY,
  entry BLOB NOT NULL,
  unit BLOB,
  opening BLOB
) STRICT;

-- Compare and swap on records.
CREATE TABLE revision(
  record BLOB PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every checkpoint ever signed.
CREATE TABLE checkpoint(
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;
