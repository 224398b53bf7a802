using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Proposals;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Registration;

/// <summary>Takes the files of a registration out of the catalogue, folder after folder; a folder that is done is forgotten, so it goes on where it was.</summary>
sealed class RemovalRun(ScanMeans means, RegisteredTree tree, Proposal proposal, string holder)
{
    const int MostRows = 1000;

    sealed record Folder(long Id, string Path, string Prefix, string SequenceId);

    public async Task GoAsync(CancellationToken cancellationToken)
    {
        List<Folder> folders;
        await using (var connection = await means.Database.OpenAsync(cancellationToken))
            folders = (
                await connection.QueryAsync<Folder>(
                    """
                    SELECT f.id, f.path, f.prefix, p.sequence_id FROM registration_sequence p JOIN registered_folder f ON f.id = p.folder_id
                    WHERE p.registration_id = @Id ORDER BY f.id
                    """,
                    new { tree.Id }
                )
            ).AsList();
        foreach (var folder in folders)
        {
            // The same folder as the same sequence, registered in two ways: the files are still the other's.
            if (!await IsSharedAsync(folder, cancellationToken))
                await RemoveFilesAsync(folder, cancellationToken);
            await WriteAsync(transaction => EndFolder(transaction, folder), cancellationToken);
        }
        await WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "DELETE FROM registration_finding WHERE registration_id = @Id",
                    new { tree.Id },
                    transaction
                );
                transaction.Connection!.Execute(
                    "DELETE FROM registration WHERE id = @Id",
                    new { tree.Id },
                    transaction
                );
            },
            cancellationToken
        );
    }

    async Task<bool> IsSharedAsync(Folder folder, CancellationToken cancellationToken)
    {
        await using var connection = await means.Database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<int?>(
            "SELECT 1 FROM registration_sequence WHERE folder_id = @folder AND registration_id <> @Id LIMIT 1",
            new { folder = folder.Id, tree.Id }
        )
            is not null;
    }

    async Task RemoveFilesAsync(Folder folder, CancellationToken cancellationToken)
    {
        var rows = new CataloguedRows(means.Database, proposal.BucketId, folder.Prefix, folder.Prefix);
        var gone = new List<CataloguedFile>();
        while (await rows.PeekAsync(cancellationToken) is { } row)
        {
            rows.Take();
            if (row.Location == Location.Registered && RegisteredName.Parse(row.Blob).FolderId == folder.Id)
                gone.Add(row);
            if (gone.Count < MostRows)
                continue;
            await RemoveAsync(folder, gone, cancellationToken);
            gone = [];
        }
        if (gone.Count > 0)
            await RemoveAsync(folder, gone, cancellationToken);
    }

    Task RemoveAsync(Folder folder, List<CataloguedFile> gone, CancellationToken cancellationToken)
    {
        var now = means.Time.Now();
        return WriteAsync(
            transaction =>
            {
                if (SequenceRows.FindAlone(transaction, proposal.Id, folder.SequenceId) is not { } sequence)
                    return;
                if (sequence.State == SequenceState.Closed)
                    throw RemoveRegistration.IsClosed(tree, sequence.Id);
                var rows = new RegisteredRows(
                    transaction,
                    means.Database.Dialect,
                    new RegisteredFolder(folder.Id, proposal.BucketId, folder.Path, folder.Prefix),
                    sequence.Row,
                    Buckets.VersioningOf(transaction, proposal.BucketId),
                    tree.RequestedBy,
                    now
                );
                var (files, bytes) = rows.Remove(gone);
                SequenceRows.AddSize(transaction, sequence.Row, -bytes, -checked((int)files));
                transaction.Connection!.Execute(
                    "UPDATE registration SET files_removed = files_removed + @files WHERE id = @Id",
                    new { files, tree.Id },
                    transaction
                );
            },
            cancellationToken
        );
    }

    void EndFolder(DbTransaction transaction, Folder folder)
    {
        var connection = transaction.Connection!;
        var range = new
        {
            proposal.BucketId,
            start = folder.Prefix,
            end = KeyOrder.AfterPrefix(folder.Prefix),
            blob = FormattableString.Invariant($"@{folder.Id:x}.%"),
            tree.Id,
            folder = folder.Id,
        };
        var removed = connection.Execute(
            "DELETE FROM registration_sequence WHERE registration_id = @Id AND folder_id = @folder",
            range,
            transaction
        );
        var shared = connection.ExecuteScalar<int?>(
            "SELECT 1 FROM registration_sequence WHERE folder_id = @folder LIMIT 1",
            range,
            transaction
        );
        if (removed == 0 || shared is not null)
            return;
        // Older versions, in a bucket that keeps them, are of the storage too.
        connection.Execute(
            """
            DELETE FROM file_version WHERE bucket_id = @BucketId AND key >= @start AND key < @end AND location = 'registered'
                AND blob LIKE @blob
            """,
            range,
            transaction
        );
        // Whoever registers the folder again gets all of it.
        connection.Execute(
            "DELETE FROM registered_replaced WHERE bucket_id = @BucketId AND key >= @start AND key < @end",
            range,
            transaction
        );
        if (
            SequenceRows.FindAlone(transaction, proposal.Id, folder.SequenceId)
                is { State: SequenceState.Open } sequence
            && IsOursAlone(transaction, sequence)
            && DeleteSequence.WhyNotEmpty(transaction, proposal.BucketId, sequence) is null
        )
            DeleteSequence.Delete(transaction, proposal.BucketId, sequence, Principal.System, means.Audit);
    }

    /// <summary>Whether a registration has opened the sequence and no person has done anything with it since, as the audit says.</summary>
    static bool IsOursAlone(DbTransaction transaction, Sequence sequence) =>
        transaction.Connection!.QuerySingle<(long ByOthers, long Opened)>(
            """
            SELECT CAST(COALESCE(SUM(CASE WHEN actor <> @system THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN action = 'sequence.opened' THEN 1 ELSE 0 END), 0) AS BIGINT)
            FROM audit_event WHERE kind = @KindText AND ref = @Id
            """,
            new
            {
                system = Principal.System.Actor,
                sequence.Ref.KindText,
                sequence.Ref.Id,
            },
            transaction
        )
            is { ByOthers: 0, Opened: > 0 };

    /// <summary>Writes, as long as nobody else has taken the removal over.</summary>
    Task WriteAsync(Action<DbTransaction> change, CancellationToken cancellationToken) =>
        means.Writer.WriteAsync(
            transaction =>
            {
                var still = transaction.Connection!.Execute(
                    "UPDATE registration SET holder = @holder WHERE id = @Id AND state = 'removing' AND holder = @holder",
                    new { holder, tree.Id },
                    transaction
                );
                if (still != 1)
                    throw new ScanTakenAwayException();
                change(transaction);
            },
            cancellationToken
        );
}
