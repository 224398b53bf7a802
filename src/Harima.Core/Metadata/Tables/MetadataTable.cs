using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata.Schemas;

namespace Harima.Metadata.Tables;

/// <summary>A row of an imported table that cannot be used, and why. Row and column count from 1, the head being row 1.</summary>
public sealed record TableProblem(int Row, int Column, string Message, string MessageJa);

/// <summary>What an imported table asks for.</summary>
public sealed record ImportedTable(IReadOnlyList<SequenceEdit> Edits, IReadOnlyList<TableProblem> Problems);

/// <summary>
/// Metadata of many sequences as one table: a sequence is a row, a value a column headed by its document and path
/// (<c>measurement:instrument.beam.energy.value</c>). What comes back edited becomes edits, which <see cref="BulkEdit"/> shows and makes.
/// </summary>
public sealed class MetadataTable(MetadataQueries metadata, Database database, Policy policy)
{
    public const int MaxColumns = 500;

    /// <summary>How many sequences a table that is given out may have; one that is read changes at most <see cref="BulkEdit.MaxSequences"/> at once, more as a <see cref="LargeEdits"/>.</summary>
    public const int MaxExported = 100_000;

    // As many documents are in memory together.
    const int AtOnce = 200;
    const int HeadColumns = 2;

    /// <summary>Row by row, the head first; of many sequences only some are in memory at a time.</summary>
    /// <param name="sequences">At most <see cref="MaxExported"/>; what the caller may not read is left out.</param>
    /// <param name="columns">Only these heads, in this order; null for all values there are, at most <see cref="MaxColumns"/>.</param>
    /// <exception cref="FaultException">Invalid for too many sequences; told before the first row.</exception>
    public async Task<IAsyncEnumerable<IReadOnlyList<TableCell>>> ExportAsync(
        Principal principal,
        IReadOnlyList<(string ProposalId, string SequenceId)> sequences,
        IReadOnlyList<string>? columns,
        CancellationToken cancellationToken
    )
    {
        RequireFew(sequences.Count, MaxExported);
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        return RowsAsync(
            visible,
            sequences,
            columns ?? await HeadsAsync(visible, sequences, cancellationToken),
            cancellationToken
        );
    }

    async Task<IReadOnlyList<string>> HeadsAsync(
        Visible visible,
        IReadOnlyList<(string, string)> sequences,
        CancellationToken cancellationToken
    )
    {
        var heads = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in sequences.Chunk(AtOnce))
        foreach (var (_, _, values) in await ValuesAsync(visible, some, cancellationToken))
        foreach (var head in values.Keys)
            if (heads.Count < MaxColumns && known.Add(head))
                heads.Add(head);
        return heads;
    }

    async IAsyncEnumerable<IReadOnlyList<TableCell>> RowsAsync(
        Visible visible,
        IReadOnlyList<(string, string)> sequences,
        IReadOnlyList<string> heads,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return
        [
            new TableCell("proposal"),
            new TableCell("sequence"),
            .. heads.Select(head => new TableCell(head)),
        ];
        foreach (var some in sequences.Chunk(AtOnce))
        foreach (var (proposalId, sequenceId, values) in await ValuesAsync(visible, some, cancellationToken))
            yield return
            [
                new TableCell(proposalId),
                new TableCell(sequenceId),
                .. heads.Select(head => values.GetValueOrDefault(head)),
            ];
    }

    /// <summary>Those that the caller may read, in the order asked for.</summary>
    async Task<List<(string ProposalId, string SequenceId, Dictionary<string, TableCell> Values)>> ValuesAsync(
        Visible visible,
        (string ProposalId, string SequenceId)[] sequences,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<(string, string), Dictionary<string, TableCell>>();
        await using var connection = await database.OpenAsync(cancellationToken);
        foreach (var proposal in sequences.GroupBy(sequence => sequence.ProposalId, StringComparer.Ordinal))
        {
            var parameters = new DynamicParameters();
            var condition = visible.SequenceCondition(database.Dialect, parameters);
            parameters.Add("proposal", proposal.Key);
            parameters.Add("ids", proposal.Select(sequence => sequence.SequenceId).Distinct().ToArray());
            var documents = await connection.QueryAsync<(string ProposalId, string Id, string? Kind, string? Json)>(
                $"""
                SELECT s.proposal_id, s.id, m.kind, m.json FROM sequence s LEFT JOIN metadata m ON m.sequence_row = s.row
                WHERE s.proposal_id = @proposal AND s.id IN @ids AND {condition} ORDER BY m.kind
                """.ForDapper(database.Dialect, "ids"),
                parameters
            );
            foreach (var (proposalId, id, kind, json) in documents)
            {
                if (!found.TryGetValue((proposalId, id), out var values))
                    found[(proposalId, id)] = values = new(StringComparer.Ordinal);
                if (json is not null)
                    Collect(PlacedJson.Parse(json), kind + ":", "", values);
            }
        }
        return
        [
            .. sequences
                .Where(found.ContainsKey)
                .Select(sequence => (sequence.ProposalId, sequence.SequenceId, found[sequence])),
        ];
    }

    /// <summary>Compares a table with what is stored. A cell that is empty where there is a value removes it.</summary>
    public async Task<ImportedTable> ReadAsync(
        Principal principal,
        IReadOnlyList<IReadOnlyList<TableCell>> table,
        CancellationToken cancellationToken,
        int most = BulkEdit.MaxSequences
    )
    {
        var problems = new List<TableProblem>();
        if (
            table.Count == 0
            || table[0].Count < HeadColumns
            || Head(table[0][0]) != "proposal"
            || Head(table[0][1]) != "sequence"
        )
            throw Fault.Invalid(
                "table-head",
                "The first row must be the head: proposal, sequence, then columns such as measurement:title. Export a table to see one."
            );
        RequireFew(table.Count - 1, most);
        var heads = Heads(table[0], problems);
        var edits = new List<SequenceEdit>();
        var seen = new HashSet<(string, string)>();
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var known = new Dictionary<(string, string), Dictionary<string, TableCell>>();
        for (var row = 1; row < table.Count; row++)
        {
            // Read together: a query for each row of a large table would take minutes.
            if (row % AtOnce == 1)
                known = (
                    await ValuesAsync(
                        visible,
                        [.. table.Skip(row).Take(AtOnce).Select(NameOf).Distinct()],
                        cancellationToken
                    )
                ).ToDictionary(found => (found.ProposalId, found.SequenceId), found => found.Values);
            var cells = table[row];
            var (proposalId, sequenceId) = NameOf(cells);
            if (proposalId.Length == 0 || sequenceId.Length == 0)
                problems.Add(
                    new(row + 1, 1, "The row names no sequence.", "この行には課題番号とシーケンス ID がありません。")
                );
            else if (!seen.Add((proposalId, sequenceId)))
                problems.Add(
                    new(
                        row + 1,
                        2,
                        $"Sequence {sequenceId} stands in the table twice.",
                        $"シーケンス {sequenceId} が二度あります。"
                    )
                );
            else if (
                (
                    known.GetValueOrDefault((proposalId, sequenceId))
                    ?? await ValuesAsync(principal, proposalId, sequenceId, cancellationToken)
                )
                is not { } values
            )
                problems.Add(
                    new(
                        row + 1,
                        2,
                        $"There is no sequence {proposalId}/{sequenceId}, or you have no access to it.",
                        $"シーケンス {proposalId}/{sequenceId} は存在しないか、アクセス権がありません。"
                    )
                );
            else if (EditsOf(cells, heads, values) is { Count: > 0 } changes)
                edits.Add(new SequenceEdit(proposalId, sequenceId, changes));
        }
        return new ImportedTable(edits, problems);
    }

    static List<(MetadataKind Kind, string Path, string Head, int Column)> Heads(
        IReadOnlyList<TableCell> row,
        List<TableProblem> problems
    )
    {
        var heads = new List<(MetadataKind, string, string, int)>();
        for (var column = HeadColumns; column < row.Count; column++)
        {
            var head = Text(row, column).Trim();
            if (head.Length == 0)
                continue;
            var colon = head.IndexOf(':', StringComparison.Ordinal);
            if (
                colon < 0
                || !Enum.TryParse<MetadataKind>(head[..colon], ignoreCase: true, out var kind)
                || JsonPlaces.TryParse(head[(colon + 1)..]) is null
            )
                problems.Add(
                    new(
                        1,
                        column + 1,
                        $"\"{head}\" is no column of metadata: write measurement: or sample: and a path. It is not read.",
                        $"「{head}」はメタデータの列ではありません。measurement: か sample: に続けてパスを書いてください。この列は読みません。"
                    )
                );
            else
                heads.Add((kind, head[(colon + 1)..], head, column));
        }
        return heads;
    }

    static List<MetadataEdit> EditsOf(
        IReadOnlyList<TableCell> cells,
        List<(MetadataKind Kind, string Path, string Head, int Column)> heads,
        Dictionary<string, TableCell> values
    )
    {
        var edits = new List<MetadataEdit>();
        // From the back: removing an item moves those behind it, which the table names by their old places.
        foreach (var (kind, path, head, column) in heads.AsEnumerable().Reverse())
        {
            var now = values.GetValueOrDefault(head);
            var cell = column < cells.Count ? cells[column] : default;
            if (cell.IsEmpty && !now.IsEmpty)
                edits.Add(new MetadataEdit(kind, path, null));
        }
        foreach (var (kind, path, head, column) in heads)
        {
            var now = values.GetValueOrDefault(head);
            var cell = column < cells.Count ? cells[column] : default;
            if (!cell.IsEmpty && !Same(cell, now))
                edits.Add(new MetadataEdit(kind, path, JsonOf(cell.Text!, now)));
        }
        return edits;
    }

    static bool Same(TableCell cell, TableCell now) =>
        cell.Text == now.Text
        || now.IsNumber
            && IsNumber(cell.Text!)
            && PlacedJson.CanonicalNumber(cell.Text!) == PlacedJson.CanonicalNumber(now.Text!);

    /// <summary>A text that was text stays text, even "0042"; elsewhere a number is a number.</summary>
    static string JsonOf(string text, TableCell now)
    {
        var wasText = !now.IsEmpty && !now.IsNumber && now.Text is not ("true" or "false");
        return !wasText && (IsNumber(text) || text is "true" or "false") ? text : JsonText.Of(text);
    }

    static bool IsNumber(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Null where the sequence does not exist for the caller.</summary>
    async Task<Dictionary<string, TableCell>?> ValuesAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<MetadataDocument> documents;
        try
        {
            documents = await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        }
        catch (FaultException refusal) when (refusal.Code == FaultCode.NotFound)
        {
            return null;
        }
        var values = new Dictionary<string, TableCell>(StringComparer.Ordinal);
        foreach (var document in documents)
            Collect(PlacedJson.Parse(document.Json), document.Kind.ToString().ToLowerInvariant() + ":", "", values);
        return values;
    }

    static void Collect(PlacedJson value, string document, string path, Dictionary<string, TableCell> values)
    {
        foreach (var member in value.Members)
            Collect(member.Value, document, path + JsonPlaces.Segment(member.Name), values);
        for (var n = 0; n < value.Items.Count; n++)
            Collect(value.Items[n], document, FormattableString.Invariant($"{path}[{n}]"), values);
        if (value.Kind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
            return;
        var text = value.Kind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => value.Text,
        };
        if (text.Length > 0)
            values[document + path.TrimStart('.')] = new TableCell(text, value.Kind == JsonValueKind.Number);
    }

    static (string ProposalId, string SequenceId) NameOf(IReadOnlyList<TableCell> cells) =>
        (Text(cells, 0).Trim(), Text(cells, 1).Trim());

    static string Head(TableCell cell) => (cell.Text ?? "").Trim().ToLowerInvariant();

    static string Text(IReadOnlyList<TableCell> cells, int column) =>
        column < cells.Count ? cells[column].Text ?? "" : "";

    static void RequireFew(int sequences, int most)
    {
        if (sequences > most)
            throw Fault.Invalid(
                "too-many-sequences",
                $"At most {most} sequences can be in one table; these are {sequences}.",
                ("most", FormattableString.Invariant($"{most}"))
            );
    }
}
