using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.Metadata;
using Harima.Proposals;
using Harima.Sequences;

namespace Harima.Exchange;

/// <summary>The metadata of a sequence with what else a format may want to say about it.</summary>
/// <param name="Measurement">Null where there is none.</param>
/// <param name="Sample">Null where there is none.</param>
/// <param name="Files">The first thousand, relative to the sequence, with sizes in bytes.</param>
sealed record ExchangedSequence(
    Sequence Sequence,
    Proposal Proposal,
    string OwnerName,
    JsonObject? Measurement,
    JsonObject? Sample,
    IReadOnlyList<(string Path, long SizeBytes, string? ContentType)> Files
)
{
    public string? OwnerEmail { get; init; }

    /// <summary>A text of the measurement document by its keys; null where there is none.</summary>
    public string? Text(params ReadOnlySpan<string> keys)
    {
        JsonNode? at = Measurement;
        foreach (var key in keys)
            at = (at as JsonObject)?[key];
        return at?.GetValueKind() == JsonValueKind.String && at.GetValue<string>() is { Length: > 0 } text
            ? text
            : null;
    }

    public string Title => SequenceTitle.Of(Measurement?.ToJsonString()) ?? Sequence.Name;

    /// <summary>The samples, each an object; the document may be one, or hold one or a list under "sample".</summary>
    public IReadOnlyList<JsonObject> Samples =>
        Sample is null ? []
        : Sample["sample"] is JsonArray list ? [.. list.OfType<JsonObject>()]
        : Sample["sample"] is JsonObject one ? [one]
        : [Sample];
}

/// <param name="NotCarried">Sentences: what the format has no place for, or what was left out on the way in.</param>
public sealed record ExportedMetadata(
    string Text,
    string ContentType,
    string FileName,
    IReadOnlyList<string> NotCarried
);

/// <summary>What a text of a format says, as our two documents; null for none.</summary>
sealed record ImportedMetadata(JsonObject? Measurement, JsonObject? Sample, IReadOnlyList<LeftOut> NotCarried);

/// <summary>A format in which metadata goes out and comes in.</summary>
/// <param name="Name">As in <c>?format=</c>.</param>
sealed record MetadataFormat(
    string Name,
    string ContentType,
    string FileName,
    Func<ExchangedSequence, (string Text, IReadOnlyList<string> NotCarried)> Write,
    Func<string, ImportedMetadata> Read
)
{
    public static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // Metadata as deep as it may be, inside of what a format puts around it.
        MaxDepth = 256,
    };

    internal static JsonObject ParseObject(string text, string format)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }) as JsonObject
                ?? throw Fault.Invalid(
                    "import-invalid",
                    $"{format} is a JSON object: it starts with '{{'.",
                    ("what", "object"),
                    ("format", format)
                );
        }
        catch (JsonException fault)
        {
            throw Fault.Invalid(
                "import-invalid",
                $"This is not {format}: it is no JSON. {fault.Message}",
                ("what", "json"),
                ("format", format),
                ("line", Fault.Number((fault.LineNumber ?? 0) + 1)),
                ("column", Fault.Number((fault.BytePositionInLine ?? 0) + 1))
            );
        }
    }

    /// <summary>"sample" goes to the sample document, the rest to the measurement.</summary>
    internal static ImportedMetadata Split(JsonObject whole, IReadOnlyList<LeftOut> notCarried)
    {
        JsonObject? sample = null;
        if (whole.TryGetPropertyValue("sample", out var found))
        {
            whole.Remove("sample");
            sample = new JsonObject { ["sample"] = found };
        }
        return new ImportedMetadata(whole.Count == 0 ? null : whole, sample, notCarried);
    }

    /// <summary>One document of both, as SPring-8 keeps them: the sample under "sample".</summary>
    internal static (JsonObject Whole, List<string> NotCarried) Join(ExchangedSequence sequence)
    {
        var whole = (JsonObject?)sequence.Measurement?.DeepClone() ?? [];
        var notCarried = new List<string>();
        if (sequence.Sample is null)
            return (whole, notCarried);
        if (whole.Remove("sample"))
            notCarried.Add("'sample' of the measurement document: the sample document stands in its place.");
        if (sequence.Sample is { Count: 1 } && sequence.Sample.ContainsKey("sample"))
            whole["sample"] = sequence.Sample["sample"]?.DeepClone();
        else
        {
            whole["sample"] = sequence.Sample.DeepClone();
            notCarried.Add("The sample document comes back inside of \"sample\".");
        }
        return (whole, notCarried);
    }
}
