using Harima.Metadata.Units;
using Harima.Search.Index;
using Harima.Search.Query;

namespace Harima.Search;

/// <summary>Numbers with their units, sizes and times: what has ends.</summary>
sealed partial class QueryPlan
{
    // The precision of a double, after two conversions of units.
    const double Tolerance = 1e-9;

    IndexQuery Ends(SearchQuery asked, string path, string? from, string? to, Side side)
    {
        if (SearchFields.Find(path) is not { } field)
            return EndsAt(asked, path, from, to, side);
        switch (field.Kind)
        {
            case FieldKind.Time:
                return Times(asked, path, field.Index, Time(asked, path, from), Time(asked, path, to), side);
            case FieldKind.Bytes:
            case FieldKind.Count:
                return Numbers(asked, path, field.Index, Plain(asked, field, from), Plain(asked, field, to), side);
            case FieldKind.Quantity:
                var (fromUnit, toUnit) = UnitsOf(from, to, field.Unit!);
                return Numbers(
                    asked,
                    path,
                    field.Index,
                    Si(asked, field, from, fromUnit),
                    Si(asked, field, to, toUnit),
                    side
                );
            case FieldKind.Keyword when field.Index == IndexField.Year:
                return Times(asked, path, IndexField.Date, Time(asked, path, from), Time(asked, path, to), side);
            default:
                throw Wrong(asked, "no-range", $"'{path}' has no order; ask for one of its values.", ("field", path));
        }
    }

    /// <summary>At a path of the metadata it may be a number or a time; 2026 may be both.</summary>
    IndexQuery EndsAt(SearchQuery asked, string path, string? from, string? to, Side side)
    {
        var ways = new List<IndexQuery>();
        var (fromUnit, toUnit) = UnitsOf(from, to, "");
        foreach (var resolved in Resolve(path))
        {
            var (low, high) = (NumberEnd(from, fromUnit, resolved), NumberEnd(to, toUnit, resolved));
            if ((from is null || low is not null) && (to is null || high is not null))
            {
                var field = (low ?? high)!.Value.Field;
                if (low is not null && high is not null && low.Value.Field != high.Value.Field)
                    throw Wrong(asked, "units", $"The ends of the range on '{path}' do not compare.", ("field", path));
                ways.Add(Numbers(asked, path, field, low?.Value, high?.Value, side));
            }
            if (TryTime(from, out var first) && TryTime(to, out var last))
                ways.Add(Times(asked, path, IndexField.TimeOf(resolved), first, last, side));
        }
        return ways.Count > 0
            ? IndexQuery.Or(ways)
            : throw Wrong(
                asked,
                "no-number",
                $"'{from ?? to}' is neither a number with a unit known here nor a date.",
                ("value", from ?? to ?? ""),
                ("field", path)
            );
    }

    bool TryTime(string? text, out TimeSpanOf? span)
    {
        span = null;
        if (text is null)
            return true;
        if (!QueryDates.TryParse(text, withYear: true, clock, out var found))
            return false;
        span = found;
        return true;
    }

    TimeSpanOf? Time(SearchQuery asked, string path, string? text)
    {
        if (TryTime(text, out var span))
            return span;
        throw Wrong(
            asked,
            "date",
            $"'{text}' is no date. Write 2026, 2026-04, 2026-04-01 or 2026-04-01T09:30.",
            ("value", text ?? ""),
            ("field", path)
        );
    }

    double? Plain(SearchQuery asked, SearchField field, string? text)
    {
        if (text is null)
            return null;
        if (field.Kind == FieldKind.Bytes && QueryNumbers.TryParseBytes(text, out var bytes))
            return bytes;
        if (field.Kind == FieldKind.Count && QueryNumbers.TryParse(text, out var number) && number.Unit.Length == 0)
            return number.Number;
        throw Wrong(
            asked,
            field.Kind == FieldKind.Bytes ? "bytes" : "number",
            field.Kind == FieldKind.Bytes
                ? $"'{text}' is no size. Write 500MB, 1.5GB or a number of bytes."
                : $"'{text}' is no number. Write 5, 5.. or 2..5, for example.",
            ("value", text),
            ("field", field.Name)
        );
    }

    double? Si(SearchQuery asked, SearchField field, string? text, string unit)
    {
        if (text is null)
            return null;
        if (!QueryNumbers.TryParse(text, out var number))
            throw Wrong(
                asked,
                "number",
                $"'{text}' is no number. Write 5, 5.. or 2..5{field.Unit}, for example.",
                ("value", text),
                ("field", field.Name)
            );
        var written = number.Unit.Length > 0 ? number.Unit : unit;
        if (!UnitOfMeasure.TryParse(written, field.Name, out var parsed))
            throw Wrong(
                asked,
                "unit",
                $"'{written}' is no unit known here. Write {field.Unit}, for example.",
                ("value", written),
                ("field", field.Name),
                ("unit", field.Unit!)
            );
        if (parsed.SiSymbol != field.SiUnit)
            throw Wrong(
                asked,
                "unit-kind",
                $"'{written}' is no unit of '{field.Name}'; write {field.Unit}, for example.",
                ("value", written),
                ("field", field.Name),
                ("unit", field.Unit!)
            );
        return parsed.ToSi(number.Number);
    }

    /// <summary>In 11.5..12.1keV the unit stands once and means both.</summary>
    static (string From, string To) UnitsOf(string? from, string? to, string otherwise)
    {
        var first = from is not null && QueryNumbers.TryParse(from, out var low) ? low.Unit : "";
        var second = to is not null && QueryNumbers.TryParse(to, out var high) ? high.Unit : "";
        return (
            first.Length > 0 ? first
            : second.Length > 0 ? second
            : otherwise,
            second.Length > 0 ? second
            : first.Length > 0 ? first
            : otherwise
        );
    }

    /// <summary>Where and what to compare: in SI with a unit, as written without one.</summary>
    static (string Field, double Value)? NumberEnd(string? text, string unit, string path)
    {
        if (text is null || !QueryNumbers.TryParse(text, out var number))
            return null;
        var written = number.Unit.Length > 0 ? number.Unit : unit;
        if (written.Length == 0)
            return (IndexField.NumberOf(path), number.Number);
        var key = path[(path.LastIndexOf('.') + 1)..];
        return UnitOfMeasure.TryParse(written, key, out var parsed)
            ? (IndexField.SiOf(path, parsed.SiSymbol), parsed.ToSi(number.Number))
            : null;
    }

    IndexQuery Numbers(SearchQuery asked, string path, string field, double? from, double? to, Side side)
    {
        if (from > to)
            throw OutOfOrder(asked, path);
        return side switch
        {
            Side.Above => IndexQuery.Range(field, Above(from!.Value), null, excludeFrom: true),
            Side.Below => IndexQuery.Range(field, null, Below(to!.Value), excludeTo: true),
            _ => IndexQuery.Range(field, from is { } low ? Below(low) : null, to is { } high ? Above(high) : null),
        };
    }

    IndexQuery Times(SearchQuery asked, string path, string field, TimeSpanOf? from, TimeSpanOf? to, Side side)
    {
        if (from?.From >= to?.Before)
            throw OutOfOrder(asked, path);
        return side switch
        {
            Side.Above => IndexQuery.Range(field, Seconds(from!.Value.Before), null),
            Side.Below => IndexQuery.Range(field, null, Seconds(to!.Value.From), excludeTo: true),
            _ => IndexQuery.Range(
                field,
                from is { } first ? Seconds(first.From) : null,
                to is { } last ? Seconds(last.Before) : null,
                excludeTo: true
            ),
        };
    }

    // It would find nothing, and nobody asks for that.
    Faults.FaultException OutOfOrder(SearchQuery asked, string path) =>
        Wrong(
            asked,
            "range-order",
            $"The range on '{path}' ends before it begins. Write the smaller end first, the larger second.",
            ("field", path)
        );

    static double Below(double number) => number - Math.Abs(number) * Tolerance;

    static double Above(double number) => number + Math.Abs(number) * Tolerance;

    public static double Seconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).TotalSeconds;

    enum Side
    {
        Within,
        Above,
        Below,
    }
}
