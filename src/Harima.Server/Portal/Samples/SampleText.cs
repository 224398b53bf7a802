using System.Text.Json;
using Harima.Samples;

namespace Harima.Portal.Samples;

/// <summary>What a list says of a sample beside its name.</summary>
/// <param name="OtherNames">All but the first, with commas between.</param>
/// <param name="Formula">Its formula or composition; null where neither is told.</param>
sealed record SampleText(string OtherNames, string? Formula)
{
    public static SampleText Of(Sample sample)
    {
        using var document = JsonDocument.Parse(sample.Json);
        var root = document.RootElement;
        var others = root.GetProperty("names").EnumerateArray().Skip(1).Select(name => name.GetString()?.Trim());
        return new SampleText(
            string.Join(", ", others),
            Text(root, "chemical_formula") ?? Text(root, "chemicalFormula") ?? Text(root, "composition")
        );
    }

    static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
