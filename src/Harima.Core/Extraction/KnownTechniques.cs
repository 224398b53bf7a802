using System.Text.Json;
using Harima.Metadata;

namespace Harima.Extraction;

/// <summary>What is known of a sequence's technique: as typed, or as its files propose while nobody has typed it.</summary>
public static class KnownTechniques
{
    static readonly string[] Keys = ["technique", "techniques", "sub_category"];

    public static IReadOnlyCollection<string> Of(IReadOnlyList<MetadataDocument> documents, ExtractionResult proposed)
    {
        var typed = documents
            .Where(document => document.Kind == MetadataKind.Measurement)
            .SelectMany(document => MetadataValues.Of(document.Kind, document.Json))
            .Where(value => Keys.Contains(value.Path[(value.Path.LastIndexOf('.') + 1)..], StringComparer.Ordinal))
            .Select(value => value.Text)
            .OfType<string>()
            .Where(text => text.Length > 0)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (typed.Count > 0)
            return typed;
        return proposed
            .Values.Where(value =>
                value.Extracted.Path == "measurement.method.sub_category" && value.State != ProposedState.Dismissed
            )
            .Select(value => JsonSerializer.Deserialize<string>(value.Extracted.Value)!)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
