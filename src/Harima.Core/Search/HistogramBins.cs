using Harima.Search.Query;

namespace Harima.Search;

/// <summary>Bins that people would choose: 1, 2 or 5 times a power of ten of the unit shown; whole days, months or years.</summary>
static class HistogramBins
{
    const int AimedAt = 20;

    public static Histogram Of(string name, SearchAsked asked)
    {
        var field = NumberField.Of(name, asked.Paths, asked.Matches);
        if (asked.Matches.Extent(field.Index) is not { } extent)
            return new Histogram(name, field.Unit, [], []);
        var edges = field.IsTime
            ? TimeEdges(extent.Min, extent.Max)
            : NumberEdges(field.Shown(extent.Min), field.Shown(extent.Max));
        var counts = asked.Matches.Histogram(field.Index, [.. edges.Select(field.Indexed)]);
        return new Histogram(name, field.Unit, edges, counts);
    }

    internal static double[] NumberEdges(double min, double max)
    {
        if (min > max)
            (min, max) = (max, min);
        var width = NiceAbove((max - min) / AimedAt);
        // One value alone, or a spread below what doubles can tell apart.
        if (!(width > Math.Max(Math.Abs(min), Math.Abs(max)) * 1e-12))
            width = min == 0 ? 1 : NiceAbove(Math.Abs(min) / AimedAt);
        var first = Math.Floor(min / width);
        var last = Math.Floor(max / width) + 1;
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(n => Round((first + n) * width, width))];
    }

    internal static double[] TimeEdges(double min, double max)
    {
        var from = DateTimeOffset.FromUnixTimeSeconds((long)Math.Floor(min)).ToOffset(QueryDates.Zone);
        var to = DateTimeOffset.FromUnixTimeSeconds((long)Math.Floor(max)).ToOffset(QueryDates.Zone);
        var days = (to - from).TotalDays;
        var (start, step) =
            days > 365 * 5 ? (Start(from.Year, 1, 1), (Func<DateTimeOffset, DateTimeOffset>)(at => at.AddYears(1)))
            : days > 60 ? (Start(from.Year, from.Month, 1), at => at.AddMonths(1))
            : (Start(from.Year, from.Month, from.Day), at => at.AddDays(1));
        var edges = new List<double> { start.ToUnixTimeSeconds() };
        for (var at = start; at <= to && edges.Count < 400; )
        {
            at = step(at);
            edges.Add(at.ToUnixTimeSeconds());
        }
        return [.. edges];
    }

    static DateTimeOffset Start(int year, int month, int day) => new(year, month, day, 0, 0, 0, QueryDates.Zone);

    static double NiceAbove(double width)
    {
        if (width <= 0)
            return 0;
        var power = Math.Pow(10, Math.Floor(Math.Log10(width)));
        return (width / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }

    // 3 * 0.1 is 0.30000000000000004, and nobody wants to read that.
    static double Round(double edge, double width)
    {
        var digits = Math.Max(0, 2 - (int)Math.Floor(Math.Log10(width)));
        return digits <= 15 ? Math.Round(edge, digits) : edge;
    }
}
