-- The bytes of a small file whose change was not made durable on disk before the commit (ADR 190): until the mark goes, they are here.
ALTER TABLE unplaced ADD COLUMN body {bytes};
