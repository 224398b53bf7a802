using System.Globalization;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Search.Feed;
using Harima.Search.Index;
using Harima.Sequences;

namespace Harima.Search;

/// <summary>What stands beside a hit: any field or path of the metadata, as it would be written.</summary>
sealed class SearchColumns(SequenceReading reading, KnownPaths paths, FacilityClock clock)
{
    public const int Most = 40;
    static readonly Dictionary<string, string?> None = [];

    /// <exception cref="Faults.FaultException">Invalid where there are too many, or one has no name.</exception>
    public static void Require(IReadOnlyList<string> columns)
    {
        if (columns.Count > Most || columns.Any(column => column.Length is 0 or > 200))
            throw Faults.Fault.Invalid("search-columns", $"At most {Most} columns, each with a name.");
    }

    /// <returns>By the row of the sequence.</returns>
    public async Task<IReadOnlyDictionary<long, IReadOnlyDictionary<string, string?>>> OfAsync(
        IReadOnlyList<SequenceSummary> sequences,
        IReadOnlyList<string> columns,
        CancellationToken cancellationToken
    )
    {
        if (columns.Count == 0 || sequences.Count == 0)
            return sequences.ToDictionary(sequence => sequence.Row, _ => (IReadOnlyDictionary<string, string?>)None);
        var wanted = columns.Distinct(StringComparer.Ordinal).Take(Most).ToList();
        var catalogued = (
            await reading.CataloguedAsync([.. sequences.Select(sequence => sequence.Row)], cancellationToken)
        ).ToDictionary(sequence => sequence.Row);
        return sequences.ToDictionary(
            sequence => sequence.Row,
            sequence =>
                catalogued.TryGetValue(sequence.Row, out var found)
                    ? Of(found, wanted)
                    : (IReadOnlyDictionary<string, string?>)None
        );
    }

    Dictionary<string, string?> Of(CataloguedSequence sequence, List<string> columns)
    {
        var document = SequenceDocument.Of(sequence, paths, clock);
        var values = sequence.Values().ToLookup(value => value.Path);
        return columns.ToDictionary(
            column => column,
            column => Of(column, sequence, document, values),
            StringComparer.Ordinal
        );
    }

    string? Of(
        string column,
        CataloguedSequence sequence,
        IndexDocument document,
        ILookup<string, MetadataValue> values
    )
    {
        if (SearchFields.Find(column) is { } field)
            return field.Kind switch
            {
                _ when field.Index == IndexField.Visibility => sequence.ForEveryone ? "everyone" : "limited",
                FieldKind.Text when field.Index == IndexField.Title => sequence.Title,
                FieldKind.Text when field.Index == IndexField.Comment => Joined(sequence.Comments),
                // What its samples come from may be hidden from who may see the sequence.
                FieldKind.Text when field.Index == IndexField.SampleId => null,
                FieldKind.Text => Joined(values["sample.name"].Select(Written)),
                FieldKind.Keyword or FieldKind.Element or FieldKind.File => Joined(
                    document
                        .Terms.Where(term => term.Field == field.Index)
                        .Select(term => KeywordTerm.ValueOf(term.Term))
                ),
                _ => Joined(
                    document
                        .Numbers.Where(number => number.Field == field.Index)
                        .Select(number => Shown(field, number.Number))
                ),
            };
        return Joined(paths.Resolve(column).SelectMany(path => values[path]).Select(Written));
    }

    string Shown(SearchField field, double number) =>
        field.Kind switch
        {
            FieldKind.Time => clock
                .Of(DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(number * 1000)))
                .ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
            FieldKind.Quantity when Metadata.Units.UnitOfMeasure.TryParse(field.Unit, out var unit) => string.Create(
                CultureInfo.InvariantCulture,
                $"{unit.FromSi(number):G12} {field.Unit}"
            ),
            _ => number.ToString(CultureInfo.InvariantCulture),
        };

    static string Written(MetadataValue value)
    {
        var text = value.Text ?? value.Number?.ToString(CultureInfo.InvariantCulture) ?? "";
        return value.Unit is null ? text : $"{text} {value.Unit}";
    }

    static string? Joined(IEnumerable<string> values)
    {
        var distinct = values.Distinct(StringComparer.Ordinal).Take(20).ToList();
        return distinct.Count == 0 ? null : string.Join(", ", distinct);
    }
}
