using Harima.Metadata.Units;
using Harima.Search.Query;

namespace Harima.Search;

/// <summary>A field as numbers, for histograms, plots and sorting: where the index has them, and what they are shown in.</summary>
/// <param name="Unit">In which <see cref="Shown"/> gives them; empty for plain numbers, <c>time</c> for seconds since 1970.</param>
sealed record NumberField(string Index, string Unit, UnitOfMeasure? Shows)
{
    public const string Time = "time";

    public bool IsTime => Unit == Time;

    // What is out of reach of a double in the unit shown is as far as it goes.
    public double Shown(double indexed) =>
        Math.Clamp(Shows?.FromSi(indexed) ?? indexed, double.MinValue, double.MaxValue);

    public double Indexed(double shown) => Shows?.ToSi(shown) ?? shown;

    /// <remarks>Of the ways in which a path may be meant and its numbers written, the first that what was found has.</remarks>
    /// <exception cref="Faults.FaultException">Invalid for a field that has no numbers, such as owner.</exception>
    public static NumberField Of(string name, SearchAsked asked)
    {
        if (SearchFields.Find(name) is { } field)
            return field.Kind switch
            {
                FieldKind.Time => new NumberField(field.Index, Time, null),
                FieldKind.Bytes => new NumberField(field.Index, "B", null),
                FieldKind.Count => new NumberField(field.Index, "", null),
                FieldKind.Quantity => new NumberField(field.Index, field.Unit!, Parse(field.Unit!)),
                _ => throw QueryFault.At(
                    "no-numbers",
                    null,
                    $"'{name}' has no numbers. Choose a number, such as energy, or a date.",
                    ("field", name)
                ),
            };
        foreach (var path in asked.Paths.Resolve(name))
        {
            if (asked.UnitOf(path) is { } unit)
                return new NumberField(IndexField.SiOf(path, unit.SiUnit), unit.Unit, Parse(unit.Unit));
            if (asked.Matches.Extent(IndexField.NumberOf(path)) is not null)
                return new NumberField(IndexField.NumberOf(path), "", null);
            if (asked.Matches.Extent(IndexField.TimeOf(path)) is not null)
                return new NumberField(IndexField.TimeOf(path), Time, null);
        }
        return new NumberField(IndexField.NumberOf(name), "", null);
    }

    static UnitOfMeasure? Parse(string unit) => UnitOfMeasure.TryParse(unit, out var parsed) ? parsed : null;
}
