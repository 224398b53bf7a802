using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Metadata.Units;

namespace Harima.Extraction;

/// <summary>
/// Where the schema that a document follows has another place or shape for a quantity than SPring-8's metadata, proposals go there:
/// what is accepted then is what the schema asks for.
/// </summary>
sealed partial class SchemaFit
{
    /// <summary>What Harima's own schemas call it.</summary>
    static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["data_info.title"] = "title",
        ["data_info.facility"] = "instrument.facility",
        ["data_info.class_name"] = "instrument.beamline",
        ["measurement.energy"] = "instrument.beam.energy",
        ["measurement.wavelength"] = "instrument.beam.wavelength",
        ["measurement.exposure_time"] = "instrument.detector.exposure_time",
        ["measurement.temperature"] = "environment.temperature",
        ["measurement.date.start_time"] = "measurement.start_time",
        ["measurement.date.end_time"] = "measurement.end_time",
        ["measurement.frames"] = "instrument.detector.frames",
        ["measurement.method.sub_category"] = "measurement.method.technique",
        ["measurement.start_angle"] = "measurement.method.oscillation_start",
        ["measurement.angle_increment"] = "measurement.method.oscillation_width",
        ["instrument.monochrometer.net_plane"] = "instrument.monochromator.crystal",
        ["instrument.monochrometer.distance"] = "instrument.monochromator.d_spacing",
        ["sample.name"] = "sample.names",
        ["sample.preparation"] = "sample.preparation.method",
    };

    const string Edge = "measurement.method.absorption_edge";

    readonly Dictionary<string, SchemaField> _fields;
    readonly string _prefix;

    public SchemaFit(MetadataKind kind, JsonSchema schema)
    {
        var fields = SchemaFields.Of(schema);
        // A schema of samples describes the sample, or a document that holds it as "sample".
        IsBare =
            kind == MetadataKind.Sample
            && !fields.Any(field => field.Path.StartsWith("sample.", StringComparison.Ordinal));
        _prefix = IsBare ? "sample." : "";
        _fields = fields
            .GroupBy(field => _prefix + field.Path, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
    }

    bool IsBare { get; }

    public IEnumerable<ExtractedValue> Of(ExtractedValue value)
    {
        if (
            value.Path == Edge
            && !Has(Edge)
            && Has("measurement.method.element")
            && Has("measurement.method.edge")
            && ElementAndEdge().Match(Text(value) ?? "") is { Success: true } match
        )
            return
            [
                // Both as the schema has it and as people search for it.
                value,
                value with
                {
                    Path = "measurement.method.element",
                    Value = Json(match.Groups[1].Value),
                },
                value with
                {
                    Path = "measurement.method.edge",
                    Value = Json(match.Groups[2].Value),
                },
            ];
        return [Placed(value with { IsBare = IsBare })];
    }

    bool Has(string path) => _fields.ContainsKey(path) || _fields.ContainsKey(path + ".value");

    ExtractedValue Placed(ExtractedValue value)
    {
        var path =
            Has(value.Path) || Places.GetValueOrDefault(value.Path) is not { } place || !Has(place)
                ? value.Path
                : place;
        if (_fields.ContainsKey(path + ".value"))
            return Measured(value, path);
        if (!_fields.TryGetValue(path, out var field))
            return value;
        if (field.IsList)
            return Text(value) is { } one ? value with { Path = path, Value = $"[{Json(one)}]" } : value;
        if (field.Choices.Count == 0 || Text(value) is not { } text)
            return value with { Path = path };
        // What the schema does not know stays where it is nobody's mistake.
        return Choice(field.Choices, text) is { } chosen ? value with { Path = path, Value = Json(chosen) } : value;
    }

    static string? Choice(IReadOnlyList<string> choices, string text)
    {
        if (choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } same)
            return same;
        if (Techniques.Find(text) is not { } technique)
            return null;
        var known = choices
            .Select(choice => (Choice: choice, Techniques.Find(choice)?.Id))
            .Where(choice => choice.Id is not null)
            .ToList();
        // Of those that are broader the one nearest to it.
        var broader = Techniques.Broader(technique.Id);
        return known
            .Where(choice => broader.Contains(choice.Id!))
            .OrderByDescending(choice => Techniques.Broader(choice.Id!).Count)
            .Select(choice => choice.Choice)
            .FirstOrDefault();
    }

    /// <summary>A number with its unit in an object; in one of the units that the schema knows, where it names them.</summary>
    ExtractedValue Measured(ExtractedValue found, string path)
    {
        using var parsed = JsonDocument.Parse(found.Value);
        // "room temperature" is no number.
        if (parsed.RootElement.ValueKind != JsonValueKind.Number)
            return found;
        var value = found with { Path = path, IsMeasured = true };
        var units = _fields.GetValueOrDefault(value.Path + ".unit")?.Choices ?? [];
        if (units.Count == 0 || units.Contains(value.Unit) || !UnitOfMeasure.TryParse(value.Unit, out var written))
            return value;
        var si = written.ToSi(parsed.RootElement.GetDouble());
        var fitting = new List<(string Unit, double Number)>();
        foreach (var unit in units)
            if (UnitOfMeasure.TryParse(unit, out var known) && known.IsComparableWith(written))
                fitting.Add((unit, known.FromSi(si)));
        if (fitting.Count == 0)
            return value;
        // The unit in which it is read most easily: 172 µm and not 0.172 mm; but the same unit by another name first.
        var before = parsed.RootElement.GetDouble();
        var (name, number) = fitting.MinBy(one =>
            Math.Abs(one.Number - before) <= 1e-9 * Math.Abs(before) ? -1
            : one.Number == 0 ? 0
            : Math.Abs(Math.Log10(Math.Abs(one.Number)) - 1.5)
        );
        return value with
        {
            Unit = name,
            // Headers round to fewer digits than a conversion leaves.
            Value = double.Parse(number.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
                .ToString("R", CultureInfo.InvariantCulture),
        };
    }

    static string? Text(ExtractedValue value)
    {
        using var parsed = JsonDocument.Parse(value.Value);
        return parsed.RootElement.ValueKind == JsonValueKind.String ? parsed.RootElement.GetString() : null;
    }

    static string Json(string text) => JsonSerializer.Serialize(text, MetadataEdit.Readable);

    [GeneratedRegex(@"^([A-Z][a-z]?) (\S+)-edge$")]
    private static partial Regex ElementAndEdge();
}
