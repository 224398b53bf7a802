using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Exchange;
using Harima.Faults;
using Harima.Identity;
using Harima.Registration;
using Harima.SciCat.Filters;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.SciCat;

/// <summary>
/// The files of a dataset as SciCat's blocks (<c>origdatablocks</c>): what is stored, and what a client described and is not there (yet).
/// Bytes come over S3, or lie already on the facility's storage where whoever describes them may register: then they are catalogued
/// there. A description never stands in place of a file that is stored.
/// </summary>
public sealed class DatasetFiles(
    Database database,
    CatalogueWriter writer,
    SequenceAccess access,
    FileQueries files,
    RegisterListed register,
    Audit audit,
    TimeProvider time
)
{
    const int FilesInBlock = 1_000;

    /// <summary>Of more files than this, the first are listed; the rest over S3 or Harima's own interface.</summary>
    public const int MaxListed = 50_000;
    const int MaxDescribed = 20_000;
    const char Separator = '~';

    /// <exception cref="FaultException">NotFound where the dataset does not exist for the caller.</exception>
    public async Task<IReadOnlyList<JsonObject>> BlocksAsync(
        Principal principal,
        string pid,
        CancellationToken cancellationToken
    )
    {
        var id = DatasetId.Parse(pid);
        var view = await access.GetAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        var blocks = new List<JsonObject>();
        var root = view.Sequence.Id + "/";
        string? after = null;
        do
        {
            var listing = await files.ListAsync(
                principal,
                view.Proposal.Id.ToLowerInvariant(),
                new ListRequest(root, null, after, FilesInBlock),
                cancellationToken
            );
            var stored = listing.Entries.Select(entry => Stored(entry.File!, root)).ToList();
            if (stored.Count > 0)
                blocks.Add(Block(view, $"{blocks.Count}", "md5", stored));
            after = listing.Next;
        } while (after is not null && blocks.Count * FilesInBlock < MaxListed);
        foreach (var announced in await AnnouncedAsync(view, cancellationToken))
            blocks.Add(announced);
        return blocks;
    }

    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<JsonObject> GetAsync(Principal principal, string blockId, CancellationToken cancellationToken)
    {
        var at = blockId.IndexOf(Separator, StringComparison.Ordinal);
        var blocks = at < 0 ? [] : await BlocksAsync(principal, blockId[..at], cancellationToken);
        return blocks.FirstOrDefault(block => block["_id"]!.ToString() == blockId)
            ?? throw Fault.NotFound("OrigDatablock", blockId);
    }

    /// <summary>What is wrong with the description of a block; null for nothing.</summary>
    public static string? ProblemOf(JsonObject body, bool needsDataset)
    {
        var problems = new List<string>();
        if (needsDataset && DatasetFields.TextOf(body, "datasetId") is null)
            problems.Add("datasetId should not be empty");
        if (!IsSize(body["size"]))
            problems.Add("size must be an integer from 0 on");
        if (body["chkAlg"] is { } algorithm && DatasetFields.TextOf(body, "chkAlg") is null)
            problems.Add($"chkAlg must be a text that is not empty, not {algorithm.ToJsonString()}");
        if (body["dataFileList"] is not JsonArray { Count: > 0 } list)
            problems.Add("dataFileList must contain at least 1 element");
        else if (list.Count > MaxDescribed)
            problems.Add($"dataFileList has at most {MaxDescribed} files; send more blocks");
        else if (!list.All(IsFile))
            problems.Add("each value in dataFileList has a path, a size in bytes, and optional texts");
        return problems.Count == 0 ? null : string.Join(", ", problems);
    }

    static bool IsSize(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number
        && MongoValues.Number(node) is >= 0 and <= 1e18 and var size
        && Math.Floor(size) == size;

    static bool IsFile(JsonNode? node) =>
        node is JsonObject file
        && DatasetFields.TextOf(file, "path") is { Length: <= 1_000 }
        && IsSize(file["size"])
        && file.All(pair =>
            pair.Key is "size"
            || pair.Value is null
            || (pair.Value.GetValueKind() == JsonValueKind.String && pair.Value.GetValue<string>().Length <= 1_000)
        );

    /// <summary>
    /// Compares what a client describes with what is stored; registers in place what lies in the dataset's folder on the facility's storage,
    /// where the caller may; and keeps the description of the rest.
    /// </summary>
    /// <returns>The block as it is kept.</returns>
    /// <exception cref="FaultException">
    /// Invalid for the description; NotFound; Forbidden; Closed where files are missing from a closed sequence; Conflict where a stored file
    /// has another size or checksum, or the file on the storage another size.
    /// </exception>
    public async Task<JsonObject> DescribeAsync(
        string pid,
        JsonObject body,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (ProblemOf(body, needsDataset: false) is { } problem)
            throw SciCatFault.Body(problem);
        var id = DatasetId.Parse(pid);
        var view = await access.RequireAsync(principal, id.ProposalId, id.SequenceId, Right.Write, cancellationToken);
        var algorithm = DatasetFields.TextOf(body, "chkAlg");
        var block = RandomNumberGenerator.GetHexString(24, lowercase: true);
        var folder = await FolderOfAsync(view, cancellationToken);
        var described = ((JsonArray)body["dataFileList"]!).Select(node => (JsonObject)node!.DeepClone()).ToList();
        foreach (var file in described)
            file["path"] = PathOf(file["path"]!.GetValue<string>(), folder);
        if (described.Select(Path).Distinct(StringComparer.Ordinal).Count() < described.Count)
            throw SciCatFault.Body("dataFileList names a file twice.");
        var listed = folder is null
            ? null
            : await register.FindAsync(folder, described.Select(Path), view, principal, cancellationToken);
        return await writer.WriteAsync(
            transaction =>
            {
                var stored = StoredOf(transaction, view, described);
                var absent = described.Where(file => !IsStored(file, stored, algorithm)).ToList();
                if (listed is not null && absent.Count > 0)
                    absent = Register(transaction, listed, view, absent, algorithm, principal);
                if (absent.Count > 0)
                    Announce(transaction, view, block, algorithm, absent, principal);
                return Block(view, absent.Count == 0 ? "0" : block, algorithm, described);
            },
            cancellationToken
        );
    }

    static string Path(JsonObject file) => file["path"]!.ToString();

    async Task<string?> FolderOfAsync(SequenceView view, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<string>(
            "SELECT source_folder FROM scicat_dataset WHERE sequence_row = @Row",
            new { view.Sequence.Row }
        );
    }

    /// <returns>Those that are not there after all: no file, or one that somebody has removed in Harima.</returns>
    List<JsonObject> Register(
        DbTransaction transaction,
        ListedFiles listed,
        SequenceView view,
        List<JsonObject> absent,
        string? algorithm,
        Principal principal
    )
    {
        var found = new Dictionary<string, EntryFacts>(StringComparer.Ordinal);
        foreach (var file in absent)
            if (listed.Files.TryGetValue(Path(file), out var facts))
                found[Path(file)] =
                    facts.SizeBytes == (long)MongoValues.Number(file["size"]!)
                        ? facts
                        : throw Differs(Path(file), $"it has {facts.SizeBytes} bytes on the storage");
        if (found.Count == 0)
            return absent;
        register.Add(transaction, listed with { Files = found }, view, principal);
        var stored = StoredOf(transaction, view, absent);
        return [.. absent.Where(file => !IsStored(file, stored, algorithm))];
    }

    /// <summary>Forgets a description. Files that are stored are removed over S3.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Conflict for stored files.</exception>
    public async Task<JsonObject> ForgetAsync(string blockId, Principal principal, CancellationToken cancellationToken)
    {
        var block = await GetAsync(principal, blockId, cancellationToken);
        var id = DatasetId.Parse(block["datasetId"]!.ToString());
        var view = await access.RequireAsync(principal, id.ProposalId, id.SequenceId, Right.Write, cancellationToken);
        if (view.Sequence.State == SequenceState.Closed)
            throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id);
        var removed = await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "DELETE FROM scicat_file WHERE sequence_row = @Row AND block = @block",
                    new
                    {
                        view.Sequence.Row,
                        block = blockId[(blockId.IndexOf(Separator, StringComparison.Ordinal) + 1)..],
                    },
                    transaction
                ),
            cancellationToken
        );
        return removed > 0
            ? block
            : throw Fault.Conflict(
                "scicat-block-stored",
                "This block lists files that are stored. Remove the files over S3 or in the portal, and it is gone."
            );
    }

    void Announce(
        DbTransaction transaction,
        SequenceView view,
        string block,
        string? algorithm,
        List<JsonObject> absent,
        Principal principal
    )
    {
        if (SequenceRows.Find(transaction, view.Proposal.Id, view.Sequence.Id) is not { } now)
            throw Fault.NotFound("Dataset", view.Sequence.Name);
        if (now.State == SequenceState.Closed)
            throw Fault.Closed(now.ProposalId, now.Id);
        foreach (var file in absent)
        {
            var kept = (JsonObject)file.DeepClone();
            if (algorithm is not null)
                kept["chkAlg"] = algorithm;
            transaction.Connection!.Execute(
                """
                INSERT INTO scicat_file (sequence_row, path, block, size_bytes, json) VALUES (@Row, @path, @block, @size, @json)
                ON CONFLICT (sequence_row, path) DO UPDATE
                SET block = excluded.block, size_bytes = excluded.size_bytes, json = excluded.json
                """,
                new
                {
                    now.Row,
                    path = file["path"]!.ToString(),
                    block,
                    size = (long)MongoValues.Number(file["size"]!),
                    json = kept.ToJsonString(MongoValues.Plain),
                },
                transaction
            );
        }
        audit.Add(transaction, principal, "scicat.announced", now.Ref, new { files = absent.Count, at = time.Now() });
    }

    static bool IsStored(JsonObject file, Dictionary<string, (long SizeBytes, string ETag)> stored, string? algorithm)
    {
        var path = file["path"]!.ToString();
        if (!stored.TryGetValue(path, out var there))
            return false;
        if ((long)MongoValues.Number(file["size"]!) != there.SizeBytes)
            throw Differs(path, $"it has {there.SizeBytes} bytes here");
        // The ETag of a file that came in parts is no MD5.
        if (
            "md5".Equals(algorithm, StringComparison.OrdinalIgnoreCase)
            && DatasetFields.TextOf(file, "chk") is { Length: 32 } sum
            && !there.ETag.Contains('-', StringComparison.Ordinal)
            && !sum.Equals(there.ETag, StringComparison.OrdinalIgnoreCase)
        )
            throw Differs(path, $"its MD5 is {there.ETag} here");
        return true;
    }

    static FaultException Differs(string path, string how) =>
        Fault.Conflict(
            "scicat-file-differs",
            $"'{path}' is stored already and is another file than the one described: {how}. Upload it again over S3, or describe what is stored.",
            ("path", path)
        );

    Dictionary<string, (long, string)> StoredOf(
        DbTransaction transaction,
        SequenceView view,
        List<JsonObject> described
    )
    {
        var keys = described.Select(file => $"{view.Sequence.Id}/{file["path"]}").ToArray();
        var parameters = new DynamicParameters();
        parameters.Add("bucket", view.Proposal.BucketId);
        parameters.Add("keys", database.Dialect == Dialect.Postgres ? keys : JsonSerializer.Serialize(keys));
        var among = database.Dialect == Dialect.Postgres ? "= ANY(@keys)" : "IN (SELECT value FROM json_each(@keys))";
        return transaction
            .Connection!.Query<(string Key, long SizeBytes, string ETag)>(
                $"SELECT key, size_bytes, etag FROM data_file WHERE bucket_id = @bucket AND key {among}",
                parameters,
                transaction
            )
            .ToDictionary(
                file => file.Key[(view.Sequence.Id.Length + 1)..],
                file => (file.SizeBytes, file.ETag),
                StringComparer.Ordinal
            );
    }

    async Task<List<JsonObject>> AnnouncedAsync(SequenceView view, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Block, string Json)>(
            $"""
            SELECT a.block, a.json FROM scicat_file a JOIN sequence s ON s.row = a.sequence_row JOIN proposal p ON p.id = s.proposal_id
            WHERE a.sequence_row = @Row AND {DatasetRecords.IsAbsent} ORDER BY a.block, a.path LIMIT @most
            """,
            new { view.Sequence.Row, most = MaxListed }
        );
        return
        [
            .. rows.GroupBy(row => row.Block, StringComparer.Ordinal)
                .Select(block =>
                {
                    var described = block.Select(row => (JsonObject)JsonNode.Parse(row.Json)!).ToList();
                    var algorithm = DatasetFields.TextOf(described[0], "chkAlg");
                    foreach (var file in described)
                        file.Remove("chkAlg");
                    return Block(view, block.Key, algorithm, described);
                }),
        ];
    }

    static JsonObject Stored(DataFile file, string root)
    {
        var described = new JsonObject
        {
            ["path"] = file.Key[root.Length..],
            ["size"] = file.SizeBytes,
            ["time"] = SciCatFormat.TextOf(file.ModifiedAt),
        };
        if (!file.ETag.Contains('-', StringComparison.Ordinal))
            described["chk"] = file.ETag;
        return described;
    }

    static JsonObject Block(SequenceView view, string name, string? algorithm, List<JsonObject> described)
    {
        var sequence = view.Sequence;
        var id = sequence.Name + Separator + name;
        var at = SciCatFormat.TextOf(sequence.CreatedAt);
        var block = new JsonObject
        {
            ["_id"] = id,
            ["id"] = id,
            ["datasetId"] = sequence.Name,
            ["ownerGroup"] = sequence.ProposalId,
            ["accessGroups"] = new JsonArray(),
            ["isPublished"] = view.Visibility == Visibility.Everyone,
            ["size"] = described.Sum(file => (long)MongoValues.Number(file["size"]!)),
            ["dataFileList"] = new JsonArray([.. described]),
            ["createdAt"] = at,
            ["createdBy"] = sequence.Owner,
            ["updatedAt"] = at,
            ["updatedBy"] = sequence.Owner,
        };
        if (algorithm is not null)
            block["chkAlg"] = algorithm;
        return block;
    }

    /// <summary>Relative to the folder of the dataset, as the files of a sequence are named.</summary>
    static string PathOf(string path, string? folder)
    {
        var relative = path;
        if (folder is not null && path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal))
            relative = path[(folder.TrimEnd('/').Length + 1)..];
        if (relative.StartsWith("./", StringComparison.Ordinal))
            relative = relative[2..];
        return
            relative.StartsWith('/')
            || relative.Split('/').Any(step => step is "" or "." or "..")
            || relative.Any(char.IsControl)
            ? throw SciCatFault.Body(
                $"The path '{path}' does not lie in the folder of the dataset. Give it relative to sourceFolder."
            )
            : relative;
    }
}
