using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Cli.Metadata;
using Harima.Cli.Output;
using Harima.Cli.Search;
using Harima.Rest;

namespace Harima.Cli.Sequences;

/// <summary>Opens many sequences with their metadata, as when the records of years come from another catalogue.</summary>
static class CreateCommand
{
    static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    const int Most = 1_000;
    const long PortionCharacters = 8 << 20;

    public static Command Build()
    {
        var proposal = new Argument<string>("proposal");
        var from = new Option<string>("--from")
        {
            Description =
                "Lines of {\"id\", \"measurement\", \"sample\"} (.jsonl), or a table with columns sequence, measurement:PATH, sample:PATH (.csv); - for lines from standard input",
            Required = true,
        };
        var command = new Command("create", "Open many sequences with their metadata") { proposal, from };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var file = parsed.GetValue(from)!;
                var text = System.Text.Encoding.UTF8.GetString(
                    await MetadataCommand.ReadAsync(file, cancellationToken)
                );
                var sequences = file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
                    ? OfTable(text.TrimStart('\uFEFF'))
                    : OfLines(text.TrimStart('\uFEFF'));
                var opened = 0;
                var refused = new List<RefusedSequenceDto>();
                foreach (var portion in Portions(sequences))
                {
                    using var body = new StringContent(Body(portion), System.Text.Encoding.UTF8, "application/json");
                    var answer = await session.Rest.OpenSequencesAsync(
                        parsed.GetValue(proposal)!,
                        body,
                        cancellationToken
                    );
                    opened += answer.Opened;
                    refused.AddRange(answer.Refused);
                }
                Answer.Write(
                    parsed,
                    new OpenedSequencesDto(opened, refused),
                    HarimaJson.Default.OpenedSequencesDto,
                    Write
                );
                return refused.Count > 0 ? FaultToExitCode.NotTaken : FaultToExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>Everything is read before anything is sent: a broken line opens nothing.</summary>
    public static List<DescribedSequenceDto> OfLines(string text)
    {
        var sequences = new List<DescribedSequenceDto>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                using var json = JsonDocument.Parse(line);
                JsonElement? Of(string name) =>
                    json.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
                        ? value.Clone()
                        : null;
                sequences.Add(
                    new DescribedSequenceDto(
                        Of("id")?.GetString() ?? throw new UsageException($"Line {number} has no \"id\"."),
                        Of("measurement"),
                        Of("sample")
                    )
                );
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException)
            {
                throw new UsageException($"Line {number} is no JSON object with an id: {fault.Message}");
            }
        }
        return sequences;
    }

    /// <summary>A value is JSON where it is a number, true, false, a list, an object or quoted, else text; an empty cell is no value.</summary>
    public static List<DescribedSequenceDto> OfTable(string text)
    {
        var rows = Rows(text);
        if (rows.Count == 0)
            return [];
        var head = rows[0];
        var id = head.FindIndex(name => name.Trim() is "sequence" or "id");
        if (id < 0)
            throw new UsageException(
                "The first row must be the head: sequence, then columns such as measurement:title."
            );
        for (var column = 0; column < head.Count; column++)
        {
            var name = head[column].Trim();
            if (column != id && name is not "proposal" && Split(name) is null)
                throw new UsageException(
                    $"Column {column + 1} is '{name}'. Write measurement:PATH or sample:PATH, with dots between names."
                );
        }
        var sequences = new List<DescribedSequenceDto>();
        foreach (var row in rows.Skip(1))
        {
            var documents = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
            for (var column = 0; column < Math.Min(row.Count, head.Count); column++)
            {
                if (column == id || row[column].Length == 0 || Split(head[column].Trim()) is not { } place)
                    continue;
                if (!documents.TryGetValue(place.Document, out var document))
                    documents[place.Document] = document = [];
                Set(document, place.Path, EditCommand.ValueOf(row[column]), head[column]);
            }
            JsonElement? Of(string name) =>
                documents.TryGetValue(name, out var document)
                    ? JsonDocument.Parse(document.ToJsonString(AsWritten)).RootElement
                    : null;
            sequences.Add(new DescribedSequenceDto(row[id].Trim(), Of("measurement"), Of("sample")));
        }
        return sequences;
    }

    static (string Document, string[] Path)? Split(string name) =>
        name.Split(':', 2) is ["measurement" or "sample", { Length: > 0 } path] parts
        && path.Split('.') is var names
        && names.All(one => one.Length > 0 && !one.Contains('['))
            ? (parts[0], names)
            : null;

    static void Set(JsonObject document, string[] path, JsonElement value, string head)
    {
        foreach (var name in path[..^1])
        {
            if (document[name] is null)
                document[name] = new JsonObject();
            document =
                document[name] as JsonObject
                ?? throw new UsageException($"Column '{head}' leads through a value of another column.");
        }
        if (document.ContainsKey(path[^1]))
            throw new UsageException($"Column '{head}' is what another column sets already.");
        document[path[^1]] = JsonNode.Parse(value.GetRawText());
    }

    /// <summary>RFC 4180: commas, quotation marks doubled within quotation marks, lines within them too.</summary>
    static List<List<string>> Rows(string text)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var cell = new System.Text.StringBuilder();
        var isQuoted = false;
        void EndCell()
        {
            row.Add(cell.ToString());
            cell.Clear();
        }
        void EndRow()
        {
            EndCell();
            if (row.Exists(one => one.Length > 0))
                rows.Add(row);
            row = [];
        }
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (isQuoted && c == '"' && at + 1 < text.Length && text[at + 1] == '"')
            {
                cell.Append('"');
                at++;
            }
            else if (c == '"' && (isQuoted || cell.Length == 0))
                isQuoted = !isQuoted;
            else if (isQuoted)
                cell.Append(c);
            else if (c == ',')
                EndCell();
            else if (c == '\n')
                EndRow();
            else if (c != '\r')
                cell.Append(c);
        }
        if (isQuoted)
            throw new UsageException("A quotation mark of the table is not closed.");
        EndRow();
        return rows;
    }

    static IEnumerable<List<DescribedSequenceDto>> Portions(List<DescribedSequenceDto> sequences)
    {
        var portion = new List<DescribedSequenceDto>();
        long characters = 0;
        foreach (var sequence in sequences)
        {
            var more = (sequence.Measurement?.GetRawText().Length ?? 0) + (sequence.Sample?.GetRawText().Length ?? 0);
            if (portion.Count == Most || (portion.Count > 0 && characters + more > PortionCharacters))
            {
                yield return portion;
                (portion, characters) = ([], 0);
            }
            portion.Add(sequence);
            characters += more;
        }
        if (portion.Count > 0)
            yield return portion;
    }

    /// <summary>With the documents to the letter, as a serializer would not leave them.</summary>
    static string Body(List<DescribedSequenceDto> portion)
    {
        var body = new System.Text.StringBuilder("{\"sequences\":[");
        foreach (var (n, sequence) in portion.Index())
        {
            body.Append(n == 0 ? "" : ",").Append("{\"id\":\"").Append(JsonEncodedText.Encode(sequence.Id)).Append('"');
            if (sequence.Measurement is { } measurement)
                body.Append(",\"measurement\":").Append(measurement.GetRawText());
            if (sequence.Sample is { } sample)
                body.Append(",\"sample\":").Append(sample.GetRawText());
            body.Append('}');
        }
        return body.Append("]}").ToString();
    }

    static void Write(OpenedSequencesDto answer)
    {
        foreach (var refused in answer.Refused)
            Console.Error.WriteLine(Answer.Printable($"harima: {refused.Id}: {refused.Message}"));
        Console.Out.WriteLine($"{answer.Opened} opened, {answer.Refused.Count} refused.");
    }
}
