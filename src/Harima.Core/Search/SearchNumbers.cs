using Harima.Metadata.Units;
using Harima.Search.Index;
using Harima.Search.Query;

namespace Harima.Search;

/// <summary>A field as numbers, for histograms, plots and sorting: where the index has them, and what they are shown in.</summary>
/// <param name="Unit">In which <see cref="Shown"/> gives them; empty for plain numbers, <c>time</c> for seconds since 1970.</param>
sealed record NumberField(string Index, string Unit, UnitOfMeasure? Shows)
{
    public const string Time = "time";

    public bool IsTime => Unit == Time;

    public double Shown(double indexed) => Shows?.FromSi(indexed) ?? indexed;

    public double Indexed(double shown) => Shows?.ToSi(shown) ?? shown;

    /// <exception cref="Faults.FaultException">Invalid for a field that has no numbers, such as owner.</exception>
    public static NumberField Of(string name, KnownPaths paths, Matches found)
    {
        if (SearchFields.Find(name) is { } field)
            return field.Kind switch
            {
                FieldKind.Time => new NumberField(field.Index, Time, null),
                FieldKind.Bytes => new NumberField(field.Index, "B", null),
                FieldKind.Count => new NumberField(field.Index, "", null),
                FieldKind.Quantity => new NumberField(field.Index, field.Unit!, Parse(field.Unit!)),
                _ => throw QueryFault.At("no-range", null, $"'{name}' is not a number.", ("field", name)),
            };
        foreach (var path in paths.Resolve(name))
        {
            if (paths.UnitOf(path) is { } unit)
                return new NumberField(IndexField.SiOf(path, unit.SiUnit), unit.Unit, Parse(unit.Unit));
            if (found.Extent(IndexField.NumberOf(path)) is not null)
                return new NumberField(IndexField.NumberOf(path), "", null);
            if (found.Extent(IndexField.TimeOf(path)) is not null)
                return new NumberField(IndexField.TimeOf(path), Time, null);
        }
        return new NumberField(IndexField.NumberOf(name), "", null);
    }

    static UnitOfMeasure? Parse(string unit) => UnitOfMeasure.TryParse(unit, out var parsed) ? parsed : null;
}
