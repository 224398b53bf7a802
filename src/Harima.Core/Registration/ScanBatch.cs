using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Proposals;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Registration;

/// <summary>A sequence of a registration while it is gone through.</summary>
/// <param name="Path">Its folder below the tree; empty for the tree itself.</param>
/// <param name="FolderId">Null where nothing of it has been catalogued yet.</param>
sealed record ScannedSequence(string Path, string SequenceId, string FolderPath, long? FolderId, bool IsClosed)
{
    public string Prefix => SequenceId + "/";
}

/// <param name="Path">Below the folder of the sequence.</param>
readonly record struct FoundOnDisk(string Path, EntryFacts Facts);

/// <summary>A catalogued file, as far as a scan looks at it.</summary>
sealed class CataloguedFile
{
    public long Id { get; init; }
    public required string Key { get; init; }
    public required string Blob { get; init; }
    public long SizeBytes { get; init; }
    public required string ETag { get; init; }
    public required string Crc64Nvme { get; init; }
    public Location Location { get; init; }
}

/// <summary>
/// What a scan has found and not written yet, of one sequence. Written in one transaction with the place the scan has come to, so a
/// scan that is killed anywhere goes on where the catalogue is.
/// </summary>
sealed class ScanBatch(Dialect dialect)
{
    /// <summary>So many rows a transaction: it is over in some hundredths of a second, and others write between two.</summary>
    const int MostRows = 1000;

    /// <summary>Where nothing has changed, the place is kept that often.</summary>
    const int MostFound = 20_000;

    public List<FoundOnDisk> Added { get; } = [];
    public List<(CataloguedFile Row, FoundOnDisk Now)> Changed { get; } = [];
    public List<CataloguedFile> Removed { get; } = [];
    public List<Finding> Findings { get; } = [];
    public long Found { get; set; }
    public long BytesFound { get; set; }
    public long Kept { get; set; }
    public long Problems { get; set; }
    public long Excluded { get; set; }
    public string? Position { get; set; }

    public bool IsFull =>
        Added.Count + Changed.Count + Removed.Count + Findings.Count >= MostRows || Found >= MostFound;

    public bool IsEmpty =>
        Added.Count + Changed.Count + Removed.Count + Findings.Count == 0 && Found + Kept + Excluded == 0;

    /// <summary>Writes it.</summary>
    /// <param name="sequence">Null where there are only findings outside of sequences.</param>
    /// <param name="ends">Whether all of the sequence has been gone through with this.</param>
    /// <param name="settle">Whether the sequence's size is to be brought up to date, as it is at its end.</param>
    public void Write(
        DbTransaction transaction,
        RegisteredTree tree,
        Proposal proposal,
        string holder,
        ScannedSequence? sequence,
        bool ends,
        bool settle,
        Audit audit,
        DateTimeOffset now
    )
    {
        var connection = transaction.Connection!;
        var (added, addedBytes, changed, changedBytes, removed, removedBytes) = (0L, 0L, 0L, 0L, 0L, 0L);
        if (sequence is not null)
        {
            var folder = RegisteredFolders.Take(transaction, proposal.BucketId, sequence.FolderPath, sequence.Prefix);
            Touch(transaction, tree, folder.Id, sequence);
            // First of all, as an upload does, so that the two cannot lock each other out; and nobody deletes it under its new files.
            var row = SequenceRows.FindAlone(transaction, proposal.Id, sequence.SequenceId);
            if (row is null && Added.Count > 0)
            {
                row = SequenceRows.Insert(transaction, proposal, sequence.SequenceId, tree.RequestedBy, now);
                audit.Add(transaction, Principal.System, "sequence.opened", row.Ref);
            }
            if (row is { State: SequenceState.Open })
            {
                var versioning = Buckets.VersioningOf(transaction, proposal.BucketId);
                var rows = new RegisteredRows(transaction, dialect, folder, row.Row, versioning, tree.RequestedBy, now);
                (added, addedBytes) = rows.Add(Added);
                (changed, changedBytes) = rows.Change(Changed);
                (removed, removedBytes) = rows.Remove(Removed);
                connection.Execute(
                    """
                    UPDATE registration_sequence SET pending_files = pending_files + @files, pending_bytes = pending_bytes + @bytes,
                        added = added + @added, changed = changed + @changed, removed = removed + @removed
                    WHERE registration_id = @Id AND folder_id = @folderId
                    """,
                    new
                    {
                        tree.Id,
                        folderId = folder.Id,
                        files = added - removed,
                        bytes = addedBytes + changedBytes - removedBytes,
                        added,
                        changed,
                        removed,
                    },
                    transaction
                );
                if (settle || ends)
                    Settle(transaction, tree, folder.Id, row, ends, audit, now);
            }
        }
        RegistrationRows.AddFindings(transaction, tree.Id, tree.Scan, Findings);
        var still = connection.Execute(
            """
            UPDATE registration SET position = COALESCE(@Position, position), files_found = files_found + @Found,
                bytes_found = bytes_found + @BytesFound, files_added = files_added + @added, files_changed = files_changed + @changed,
                files_removed = files_removed + @removed, files_kept = files_kept + @Kept, problems = problems + @Problems,
                excluded = excluded + @Excluded
            WHERE id = @Id AND state = 'running' AND holder = @holder AND scan = @Scan
            """,
            new
            {
                Position,
                Found,
                BytesFound,
                added,
                changed,
                removed,
                Kept,
                Problems,
                Excluded,
                tree.Id,
                holder,
                tree.Scan,
            },
            transaction
        );
        // Everything above is rolled back with it.
        if (still != 1)
            throw new ScanTakenAwayException();
    }

    static void Touch(DbTransaction transaction, RegisteredTree tree, long folderId, ScannedSequence sequence) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO registration_sequence (registration_id, folder_id, path, sequence_id, scan, pending_files, pending_bytes, added,
                changed, removed)
            VALUES (@Id, @folderId, @Path, @SequenceId, @Scan, 0, 0, 0, 0, 0)
            ON CONFLICT (registration_id, folder_id) DO UPDATE SET scan = excluded.scan
            """,
            new
            {
                tree.Id,
                folderId,
                sequence.Path,
                sequence.SequenceId,
                tree.Scan,
            },
            transaction
        );

    /// <summary>Brings the sequence's size up to date; at its end tells those who follow the audit, and asks for the checksums.</summary>
    static void Settle(
        DbTransaction transaction,
        RegisteredTree tree,
        long folderId,
        Sequence row,
        bool ends,
        Audit audit,
        DateTimeOffset now
    )
    {
        var connection = transaction.Connection!;
        var which = new { tree.Id, folderId };
        var pending = connection.QuerySingle<Pending>(
            """
            SELECT pending_files, pending_bytes, added, changed, removed FROM registration_sequence
            WHERE registration_id = @Id AND folder_id = @folderId
            """,
            which,
            transaction
        );
        if (pending.PendingFiles != 0 || pending.PendingBytes != 0)
            SequenceRows.AddSize(transaction, row.Row, pending.PendingBytes, checked((int)pending.PendingFiles));
        var isNews = pending.Added + pending.Changed + pending.Removed > 0;
        if (pending.PendingFiles != 0 || pending.PendingBytes != 0 || (ends && isNews))
            connection.Execute(
                $"""
                UPDATE registration_sequence SET pending_files = 0, pending_bytes = 0{(ends
                    ? ", added = 0, changed = 0, removed = 0"
                    : "")}
                WHERE registration_id = @Id AND folder_id = @folderId
                """,
                which,
                transaction
            );
        if (!ends || !isNews)
            return;
        audit.Add(
            transaction,
            Principal.System,
            "files.registered",
            row.Ref,
            new
            {
                registration = tree.Id,
                added = pending.Added,
                changed = pending.Changed,
                removed = pending.Removed,
            }
        );
        WorkQueue.Ask(transaction, SumFiles.Queue, SumFiles.Subject, now, now);
    }

    sealed class Pending
    {
        public long PendingFiles { get; init; }
        public long PendingBytes { get; init; }
        public long Added { get; init; }
        public long Changed { get; init; }
        public long Removed { get; init; }
    }
}

/// <summary>The scan was cancelled, or another worker has taken it over.</summary>
sealed class ScanTakenAwayException : Exception;
