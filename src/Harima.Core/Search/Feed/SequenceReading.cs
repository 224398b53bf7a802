using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Search.Index;

namespace Harima.Search.Feed;

/// <summary>Reads sequences from the catalogue, many at once, as documents of the index.</summary>
sealed class SequenceReading(Database database, KnownPaths paths)
{
    /// <summary>Of more files than this, the first are searched by name.</summary>
    public const int FilesSearched = 1_000;

    const string Sequences = """
        SELECT s.row, s.proposal_id, s.id, s.beamline_id, s.state, s.owner, s.created_at, s.closed_at, s.size_bytes, s.file_count,
            p.title, p.title_ja, u.display_name AS owner_name,
            EXISTS (SELECT 1 FROM access_grant e WHERE e.kind = 'sequence' AND e.id = s.ref AND e.subject = 'everyone') AS for_everyone
        FROM sequence s JOIN proposal p ON p.id = s.proposal_id LEFT JOIN app_user u ON u.id = s.owner
        WHERE
        """;

    /// <summary>Those of the rows that exist.</summary>
    public async Task<List<IndexDocument>> OfRowsAsync(IReadOnlyList<long> rows, CancellationToken cancellationToken) =>
        Documents(await CataloguedAsync(rows, cancellationToken));

    /// <summary>The same before they are cut into terms.</summary>
    public Task<List<CataloguedSequence>> CataloguedAsync(
        IReadOnlyList<long> rows,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            "s.row IN @rows",
            "m.sequence_row IN @rows",
            "f.sequence_row IN @rows",
            new { rows = rows.ToArray() },
            cancellationToken
        );

    /// <summary>Those from one row up to but without another.</summary>
    public async Task<List<IndexDocument>> BetweenAsync(long from, long before, CancellationToken cancellationToken) =>
        Documents(
            await ReadAsync(
                "s.row >= @from AND s.row < @before",
                "m.sequence_row >= @from AND m.sequence_row < @before",
                "f.sequence_row >= @from AND f.sequence_row < @before",
                new { from, before },
                cancellationToken
            )
        );

    List<IndexDocument> Documents(List<CataloguedSequence> sequences) =>
        [.. sequences.Select(sequence => SequenceDocument.Of(sequence, paths))];

    async Task<List<CataloguedSequence>> ReadAsync(
        string sequenceIs,
        string metadataIs,
        string fileIs,
        object parameters,
        CancellationToken cancellationToken
    )
    {
        string Sql(string sql) => sql.ForDapper(database.Dialect, "rows");
        await using var connection = await database.OpenAsync(cancellationToken);
        var sequences = (
            await connection.QueryAsync<CataloguedSequence>(Sql(Sequences + " " + sequenceIs), parameters)
        ).ToDictionary(sequence => sequence.Row);
        if (sequences.Count == 0)
            return [];
        foreach (
            var document in await connection.QueryAsync<MetadataRow>(
                Sql(
                    $"SELECT m.sequence_row, m.kind, m.json FROM metadata m WHERE {metadataIs} ORDER BY m.sequence_row, m.kind"
                ),
                parameters
            )
        )
        {
            if (sequences.TryGetValue(document.SequenceRow, out var sequence))
                sequence.Metadata.Add((Enum.Parse<MetadataKind>(document.Kind, ignoreCase: true), document.Json));
        }
        await ReadFilesAsync(connection, sequences, Sql(fileIs), parameters);
        return [.. sequences.Values];
    }

    static async Task ReadFilesAsync(
        DbConnection connection,
        Dictionary<long, CataloguedSequence> sequences,
        string fileIs,
        object parameters
    )
    {
        void Add(long row, string key)
        {
            if (sequences.TryGetValue(row, out var sequence) && sequence.Files.Count < FilesSearched)
                sequence.Files.Add(key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        }
        if (sequences.Values.Sum(sequence => sequence.FileCount) == 0)
            return;
        var large = sequences.Values.Where(sequence => sequence.FileCount > FilesSearched).ToList();
        if (large.Count == 0)
        {
            foreach (
                var (row, key) in await connection.QueryAsync<(long, string)>(
                    $"SELECT f.sequence_row, f.key FROM data_file f WHERE {fileIs}",
                    parameters
                )
            )
                Add(row, key);
            return;
        }
        // Some have millions: one at a time, and no more than are used.
        foreach (var sequence in sequences.Values.Where(sequence => sequence.FileCount > 0))
        {
            foreach (
                var key in await connection.QueryAsync<string>(
                    "SELECT key FROM data_file WHERE sequence_row = @Row LIMIT @most",
                    new { sequence.Row, most = FilesSearched }
                )
            )
                Add(sequence.Row, key);
        }
    }

    sealed class MetadataRow
    {
        public long SequenceRow { get; init; }
        public required string Kind { get; init; }
        public required string Json { get; init; }
    }
}
