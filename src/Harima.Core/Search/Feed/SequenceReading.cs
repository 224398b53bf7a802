using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Search.Index;

namespace Harima.Search.Feed;

/// <summary>Reads sequences from the catalogue, many at once, as documents of the index.</summary>
sealed class SequenceReading(Database database, FollowedSchemas schemas, KnownPaths paths, FacilityClock clock)
{
    /// <summary>Of more files than this, the first are searched by name.</summary>
    public const int FilesSearched = 1_000;

    /// <summary>In which dates without one are read.</summary>
    public string TimeZone => clock.Zone.Id;

    const string Sequences = """
        SELECT s.row, s.proposal_id, s.id, s.beamline_id, s.state, s.owner, s.created_at, s.closed_at, s.size_bytes, s.file_count,
            p.title, p.title_ja, u.display_name AS owner_name,
            EXISTS (SELECT 1 FROM access_grant e WHERE e.kind = 'sequence' AND e.id = s.ref AND e.subject = 'everyone') AS for_everyone
        FROM sequence s JOIN proposal p ON p.id = s.proposal_id LEFT JOIN app_user u ON u.id = s.owner
        WHERE
        """;

    /// <summary>Those of the rows that exist.</summary>
    public async Task<List<IndexDocument>> OfRowsAsync(IReadOnlyList<long> rows, CancellationToken cancellationToken) =>
        [.. Documents(await CataloguedAsync(rows, cancellationToken))];

    /// <summary>The same before they are cut into terms.</summary>
    public Task<List<CataloguedSequence>> CataloguedAsync(IReadOnlyList<long> rows, CancellationToken cancellationToken)
    {
        var (isOne, value) = database.Dialect.OneOf(rows, "rows");
        var parameters = new DynamicParameters();
        parameters.Add("rows", value);
        return ReadAsync(isOne, parameters, cancellationToken);
    }

    /// <summary>Those from one row up to but without another, in that order. Each is cut as it is asked for, since it takes forty kilobytes.</summary>
    public async Task<IEnumerable<IndexDocument>> BetweenAsync(
        long from,
        long before,
        CancellationToken cancellationToken
    )
    {
        var range = new { from, last = before - 1 };
        var sequences = await ReadAsync("BETWEEN @from AND @last", range, cancellationToken);
        return Documents(sequences.OrderBy(sequence => sequence.Row));
    }

    IEnumerable<IndexDocument> Documents(IEnumerable<CataloguedSequence> sequences) =>
        sequences.Select(sequence => SequenceDocument.Of(sequence, paths, clock));

    /// <param name="isOne">Follows a column with the row of a sequence.</param>
    async Task<List<CataloguedSequence>> ReadAsync(string isOne, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        Task<IEnumerable<T>> QueryAsync<T>(string sql, string column) =>
            connection.QueryAsync<T>($"{sql} {column} {isOne}", parameters);
        var sequences = (await QueryAsync<CataloguedSequence>(Sequences, "s.row")).ToDictionary(sequence =>
            sequence.Row
        );
        if (sequences.Count == 0)
            return [];
        foreach (
            var document in await QueryAsync<MetadataRow>(
                """
                SELECT m.sequence_row, m.kind, m.json, w.schema_id, w.schema_version
                FROM metadata m LEFT JOIN metadata_following w ON w.sequence_row = m.sequence_row AND w.kind = m.kind WHERE
                """,
                "m.sequence_row"
            )
        )
        {
            if (sequences.TryGetValue(document.SequenceRow, out var sequence))
                sequence.Metadata.Add(
                    new CataloguedDocument(
                        Enum.Parse<MetadataKind>(document.Kind, ignoreCase: true),
                        document.Json,
                        document.SchemaId is null
                            ? null
                            : await schemas.GetAsync(document.SchemaId, document.SchemaVersion, cancellationToken)
                    )
                );
        }
        foreach (
            var (row, kind, id, version) in await QueryAsync<(long, string, string, long)>(
                """
                SELECT w.sequence_row, w.kind, w.schema_id, w.schema_version FROM metadata_following w
                WHERE NOT EXISTS (SELECT 1 FROM metadata m WHERE m.sequence_row = w.sequence_row AND m.kind = w.kind) AND
                """,
                "w.sequence_row"
            )
        )
        {
            if (sequences.TryGetValue(row, out var sequence))
                sequence.Metadata.Add(
                    new CataloguedDocument(
                        Enum.Parse<MetadataKind>(kind, ignoreCase: true),
                        "{}",
                        await schemas.GetAsync(id, version, cancellationToken)
                    )
                );
        }
        foreach (
            var (row, kind, label) in await QueryAsync<(long, string, string)>(
                "SELECT l.sequence_row, l.kind, l.label FROM sequence_label l WHERE",
                "l.sequence_row"
            )
        )
        {
            if (sequences.TryGetValue(row, out var sequence))
                sequence.Labels.Add((Enum.Parse<LabelKind>(kind, ignoreCase: true), label));
        }
        foreach (
            var (row, stars) in await QueryAsync<(long, long)>(
                "SELECT g.sequence_row, g.stars FROM sequence_rating g WHERE",
                "g.sequence_row"
            )
        )
        {
            if (sequences.TryGetValue(row, out var sequence))
                sequence.Stars.Add(stars);
        }
        foreach (
            var (row, id, json) in await QueryAsync<(long, string, string)>(
                "SELECT q.sequence_row, a.id, a.json FROM sequence_sample q JOIN sample a ON a.row = q.sample_row WHERE",
                "q.sequence_row"
            )
        )
        {
            if (sequences.TryGetValue(row, out var sequence))
                sequence.Samples.Add((id, json));
        }
        foreach (
            var (row, text) in await QueryAsync<(long, string)>(
                "SELECT c.sequence_row, c.text FROM sequence_comment c WHERE",
                "c.sequence_row"
            )
        )
        {
            if (sequences.TryGetValue(row, out var sequence))
                sequence.Comments.Add(text);
        }
        await ReadFilesAsync(connection, sequences, $"f.sequence_row {isOne}", parameters);
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
        public string? SchemaId { get; init; }
        public long SchemaVersion { get; init; }
    }
}
