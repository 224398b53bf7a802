using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Proposals;
using Harima.Storage;
using Microsoft.Win32.SafeHandles;

namespace Harima.Registration;

/// <summary>What a scan works with.</summary>
sealed record ScanMeans(Database Database, CatalogueWriter Writer, Audit Audit, TimeProvider Time);

/// <summary>One going through of a tree, from where the last one came to.</summary>
sealed class ScanRun(ScanMeans means, RegisteredTree tree, Proposal proposal, string holder, SafeFileHandle folder)
{
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    readonly SequenceLayout _layout = new(tree.SequenceId, tree.Level);
    readonly FilePatterns _patterns = tree.Patterns;
    ScanBatch _batch = new(means.Database.Dialect);
    ScannedSequence? _sequence;
    CataloguedRows? _rows;
    bool _saidClosed;

    // Told with the next file that is taken: where a scan goes on, it meets them again.
    long _excluded;
    DateTimeOffset _settledAt = means.Time.GetUtcNow();

    public async Task GoAsync(CancellationToken cancellationToken)
    {
        await RefuseEmptiedAsync(cancellationToken);
        using var walk = new FolderWalk(folder, tree.Position, IsSkipped);
        // Killed in the middle of a sequence: what has gone behind the last file of it is found as well.
        if (tree.Position is { } position && _layout.FolderOf(position) is { } begun)
            await BeginAsync(begun, position, cancellationToken);
        while (walk.Next() is { } walked)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_patterns.Excludes(walked))
            {
                _excluded++;
                continue;
            }
            await TakeAsync(walked, cancellationToken);
            (_batch.Excluded, _excluded) = (_batch.Excluded + _excluded, 0);
            _batch.Position = walked.Path;
            if (_batch.IsFull)
                await WriteAsync(ends: false, cancellationToken);
        }
        _batch.Excluded += _excluded;
        await EndAsync(cancellationToken);
        foreach (var gone in await UnseenAsync(cancellationToken))
        {
            await BeginAsync(gone, null, cancellationToken);
            await EndAsync(cancellationToken);
        }
    }

    bool IsSkipped(string folderPath)
    {
        if (!_patterns.Skips(folderPath))
            return false;
        _excluded++;
        return true;
    }

    async Task TakeAsync(Walked walked, CancellationToken cancellationToken)
    {
        var at = _layout.FolderOf(walked.Path);
        // A folder that is a sequence and cannot be read is reported as 'name/', which is in it.
        if (at is not null && at != _sequence?.Path)
        {
            await EndAsync(cancellationToken);
            await BeginAsync(at, null, cancellationToken);
        }
        if (ScanFolder.FindingOf(walked, _layout) is { } problem)
        {
            _batch.Findings.Add(problem);
            _batch.Problems++;
            // What cannot be looked at has not gone.
            if (problem.Kind == FindingKind.Unreadable)
                await SkipUnreadableAsync(walked.Path, cancellationToken);
            return;
        }
        if (!await CompareAsync(new FoundOnDisk(RestOf(walked.Path), walked.Facts), cancellationToken))
        {
            _batch.Excluded++;
            return;
        }
        _batch.Found++;
        _batch.BytesFound += walked.Facts.SizeBytes;
    }

    string RestOf(string path) => _sequence!.Path.Length == 0 ? path : path[(_sequence.Path.Length + 1)..];

    async Task SkipUnreadableAsync(string path, CancellationToken cancellationToken)
    {
        // One above the sequences is remembered by its finding.
        if (_layout.FolderOf(path) is null)
            return;
        var key = _sequence!.Prefix + RestOf(path);
        await GoneBeforeAsync(key, cancellationToken);
        while (
            await _rows!.PeekAsync(cancellationToken) is { } row
            && (row.Key == key || (key.EndsWith('/') && row.Key.StartsWith(key, StringComparison.Ordinal)))
        )
            _rows.Take();
    }

    /// <returns>Whether it is one of those that this registration is about.</returns>
    async Task<bool> CompareAsync(FoundOnDisk found, CancellationToken cancellationToken)
    {
        var key = _sequence!.Prefix + found.Path;
        await GoneBeforeAsync(key, cancellationToken);
        if (await _rows!.PeekAsync(cancellationToken) is not { } row || row.Key != key)
        {
            if (tree.OnlyListed)
                return false;
            if (_sequence.IsClosed)
                SayClosed();
            else
                _batch.Added.Add(found);
            return true;
        }
        _rows.Take();
        if (!IsOurs(row))
            _batch.Kept++;
        else if (
            row.SizeBytes == found.Facts.SizeBytes
            && row.Blob
                == new RegisteredName(
                    _sequence.FolderId!.Value,
                    found.Facts.ModifiedNanoseconds,
                    found.Facts.Inode
                ).ToBlob(key)
        )
            return true;
        else if (_sequence.IsClosed)
            SayClosed();
        else
        {
            _batch.Changed.Add((row, found));
            _batch.Findings.Add(Before(FindingKind.Changed, row));
        }
        return true;
    }

    /// <summary>Rows that come before a key and were not met on the storage.</summary>
    async Task GoneBeforeAsync(string? key, CancellationToken cancellationToken)
    {
        while (
            await _rows!.PeekAsync(cancellationToken) is { } row && (key is null || KeyOrder.Compare(row.Key, key) < 0)
        )
        {
            _rows.Take();
            if (!IsOurs(row))
                continue;
            if (_sequence!.IsClosed)
                SayClosed();
            else
            {
                _batch.Removed.Add(row);
                _batch.Findings.Add(Before(FindingKind.Removed, row));
            }
            if (_batch.IsFull)
                await WriteAsync(ends: false, cancellationToken);
        }
    }

    Finding Before(FindingKind kind, CataloguedFile row)
    {
        var rest = row.Key[_sequence!.Prefix.Length..];
        return new Finding(
            kind,
            _sequence.Path.Length == 0 ? rest : $"{_sequence.Path}/{rest}",
            row.SizeBytes,
            row.ETag,
            row.Crc64Nvme.Length == 0 ? null : row.Crc64Nvme
        );
    }

    bool IsOurs(CataloguedFile row) =>
        row.Location == Location.Registered && RegisteredName.Parse(row.Blob).FolderId == _sequence!.FolderId;

    void SayClosed()
    {
        if (_saidClosed)
            return;
        _saidClosed = true;
        _batch.Findings.Add(new Finding(FindingKind.SequenceClosed, _sequence!.Path));
        _batch.Problems++;
    }

    /// <param name="path">Of the sequence's folder.</param>
    /// <param name="after">Where in it to go on; null for its beginning.</param>
    async Task BeginAsync(string path, string? after, CancellationToken cancellationToken)
    {
        var id = _layout.IdOf(path);
        var at = path.Length == 0 ? tree.Path : $"{tree.Path}/{path}";
        await using var connection = await means.Database.OpenAsync(cancellationToken);
        var known = await connection.QuerySingleAsync<(long? Folder, string? State)>(
            """
            SELECT (SELECT id FROM registered_folder WHERE bucket_id = @BucketId AND prefix = @prefix AND path = @at) AS folder,
                (SELECT state FROM sequence WHERE proposal_id = @proposalId AND id = @id) AS state
            """,
            new
            {
                proposal.BucketId,
                prefix = id + "/",
                at,
                proposalId = proposal.Id,
                id,
            }
        );
        _sequence = new ScannedSequence(path, id, at, known.Folder, known.State == "closed");
        _saidClosed = false;
        var first = after is null ? _sequence.Prefix : KeyOrder.After(_sequence.Prefix + RestOf(after));
        _rows = new CataloguedRows(means.Database, proposal.BucketId, first, _sequence.Prefix);
    }

    async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_sequence is null)
        {
            if (!_batch.IsEmpty)
                await WriteAsync(ends: false, cancellationToken);
            return;
        }
        await GoneBeforeAsync(null, cancellationToken);
        await WriteAsync(ends: true, cancellationToken);
        (_sequence, _rows) = (null, null);
    }

    async Task WriteAsync(bool ends, CancellationToken cancellationToken)
    {
        var (batch, sequence) = (_batch, _sequence);
        var now = means.Time.Now();
        var settle = now - _settledAt > Settling;
        await means.Writer.WriteAsync(
            transaction => batch.Write(transaction, tree, proposal, holder, sequence, ends, settle, means.Audit, now),
            cancellationToken
        );
        if (settle)
            _settledAt = now;
        _batch = new ScanBatch(means.Database.Dialect);
        if (sequence is { FolderId: null })
            _sequence = sequence with { FolderId = await FindFolderAsync(sequence, cancellationToken) };
    }

    async Task<long> FindFolderAsync(ScannedSequence sequence, CancellationToken cancellationToken)
    {
        await using var connection = await means.Database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            "SELECT id FROM registered_folder WHERE bucket_id = @BucketId AND prefix = @Prefix AND path = @FolderPath",
            new
            {
                proposal.BucketId,
                sequence.Prefix,
                sequence.FolderPath,
            }
        );
    }

    /// <summary>Folders that were sequences at an earlier scan and are not there any more; not those nobody could look at.</summary>
    async Task<List<string>> UnseenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await means.Database.OpenAsync(cancellationToken);
        var unseen = await connection.QueryAsync<string>(
            "SELECT path FROM registration_sequence WHERE registration_id = @Id AND scan < @Scan ORDER BY path",
            new { tree.Id, tree.Scan }
        );
        var unreadable = (
            await connection.QueryAsync<string>(
                "SELECT path FROM registration_finding WHERE registration_id = @Id AND scan = @Scan AND kind = 'unreadable'",
                new { tree.Id, tree.Scan }
            )
        ).AsList();
        return
        [
            .. unseen.Where(path => !unreadable.Any(one => (path + "/").StartsWith(one, StringComparison.Ordinal))),
        ];
    }

    /// <summary>A mount point without its file system would look like the loss of everything.</summary>
    async Task RefuseEmptiedAsync(CancellationToken cancellationToken)
    {
        if (Posix.NamesIn(folder).Count > 0)
            return;
        await using var connection = await means.Database.OpenAsync(cancellationToken);
        var known = await connection.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM registration_sequence WHERE registration_id = @Id",
            new { tree.Id }
        );
        if (known > 0)
            throw Fault.Conflict(
                "folder-emptied",
                $"'{tree.Path}' is empty. Is its file system mounted? Nothing was taken out of the catalogue.",
                ("path", tree.Path)
            );
    }
}

/// <summary>What the catalogue holds under a prefix, in order of key, read a page at a time.</summary>
sealed class CataloguedRows(Database database, long bucketId, string from, string prefix)
{
    const int PageRows = 5000;

    readonly string? _end = KeyOrder.AfterPrefix(prefix);
    List<CataloguedFile> _page = [];
    int _next;
    string _from = from;
    bool _isLast;

    public async ValueTask<CataloguedFile?> PeekAsync(CancellationToken cancellationToken)
    {
        if (_next < _page.Count)
            return _page[_next];
        if (_isLast)
            return null;
        await using var connection = await database.OpenAsync(cancellationToken);
        _page = (
            await connection.QueryAsync<CataloguedFile>(
                """
                SELECT id, key, blob, size_bytes, etag, crc64_nvme AS Crc64Nvme, location FROM data_file
                WHERE bucket_id = @bucketId AND key >= @from AND key < @end ORDER BY key LIMIT @take
                """,
                new
                {
                    bucketId,
                    from = _from,
                    end = _end,
                    take = PageRows,
                }
            )
        ).AsList();
        _next = 0;
        _isLast = _page.Count < PageRows;
        if (_page.Count > 0)
            _from = KeyOrder.After(_page[^1].Key);
        return _page.Count > 0 ? _page[0] : null;
    }

    public void Take() => _next++;
}
