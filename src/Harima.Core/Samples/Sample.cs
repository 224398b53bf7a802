using System.Text.Json;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Samples;

/// <summary>Something that is measured, described once and referred to by sequences.</summary>
public sealed record Sample
{
    internal long Row { get; init; }

    /// <summary>Unique in the facility, such as <c>SA7K2M9QX4PD</c>.</summary>
    public required string Id { get; init; }
    public required string ProposalId { get; init; }

    /// <summary>The first of its names.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// A JSON object, its text as it was given: <c>names</c>, and what else is known (<c>chemical_formula</c>, <c>composition</c>,
    /// <c>SMILES</c>, <c>InChI</c>, <c>CAS_number</c>, <c>supplier</c>, <c>generalAttributes</c>, <c>specificAttributes</c> …).
    /// </summary>
    public required string Json { get; init; }

    /// <summary>Rises with every change.</summary>
    public long Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public required string ChangedBy { get; init; }

    const int MaxBytes = 256 * 1024;

    /// <returns>As it is kept: in capitals.</returns>
    internal static string RequireId(string text)
    {
        var id = text.Trim().ToUpperInvariant();
        return
            id.Length is >= 1 and <= 64
            && char.IsAsciiLetterOrDigit(id[0])
            && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? id
            : throw Fault.Invalid(
                "sample-id",
                $"'{text}' cannot be the id of a sample. It has 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit.",
                ("id", text)
            );
    }

    /// <returns>The first name.</returns>
    internal static string RequireDescription(string json)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(json) > MaxBytes)
            throw Invalid("size", "The description is larger than 256 KiB. Put tables into files of a sequence.");
        try
        {
            if (!JsonCharacters.AreWhole(System.Text.Encoding.UTF8.GetBytes(json)))
                throw Invalid(
                    "characters",
                    "Half a character is escaped: \\ud800 to \\udfff stand in pairs. Write the character itself."
                );
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw Invalid("object", "A sample is described by a JSON object: it starts with '{'.");
            if (
                !root.TryGetProperty("names", out var names)
                || names.ValueKind != JsonValueKind.Array
                || names.GetArrayLength() == 0
                || names
                    .EnumerateArray()
                    .Any(name => name.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(name.GetString()))
            )
                throw Invalid("names", "A sample has at least one name: \"names\": [\"…\"].");
            return names[0].GetString()!.Trim();
        }
        catch (JsonException fault)
        {
            throw Fault.Invalid(
                "sample-invalid",
                $"This is not JSON: {fault.Message}",
                ("what", "json"),
                ("line", Fault.Number((fault.LineNumber ?? 0) + 1)),
                ("column", Fault.Number((fault.BytePositionInLine ?? 0) + 1))
            );
        }
    }

    /// <param name="what">For surfaces with words of their own.</param>
    static FaultException Invalid(string what, string message) =>
        Fault.Invalid("sample-invalid", message, ("what", what));
}

/// <summary>A sample that another one comes from, or that comes from it, or that a sequence refers to.</summary>
public sealed record SampleLink(string Id, string ProposalId, string Name);

/// <param name="MayChange">Whether the caller may change it: it belongs to a proposal they may add to.</param>
/// <param name="Parents">Of those the caller may see.</param>
/// <param name="Children">Of those the caller may see.</param>
/// <param name="Sequences">Names (<c>proposal/sequence</c>) of those that refer to it and the caller may see; at most 200.</param>
public sealed record SampleView(
    Sample Sample,
    bool MayChange,
    IReadOnlyList<SampleLink> Parents,
    IReadOnlyList<SampleLink> Children,
    IReadOnlyList<string> Sequences
);

public sealed record SampleChange
{
    public long Id { get; init; }
    public string? Before { get; init; }
    public required string After { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
}
