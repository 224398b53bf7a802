using Harima.Catalogue;

namespace Harima.Search;

/// <summary>Bins that people would choose: 1, 2 or 5 times a power of ten of the unit shown; whole days, months or years.</summary>
static class HistogramBins
{
    const int AimedAt = 20;

    public static Histogram Of(string name, SearchAsked asked)
    {
        var field = NumberField.Of(name, asked);
        if (asked.Matches.Extent(field.Index) is not { } extent)
            return new Histogram(name, field.Unit, [], []);
        var edges = field.IsTime
            ? TimeEdges(extent.Min, extent.Max, asked.Clock)
            : NumberEdges(field.Shown(extent.Min), field.Shown(extent.Max));
        var counts = asked.Matches.Histogram(field.Index, [.. edges.Select(field.Indexed)]);
        return new Histogram(name, field.Unit, edges, counts);
    }

    internal static double[] NumberEdges(double min, double max)
    {
        if (min > max)
            (min, max) = (max, min);
        // Each by itself: between the ends there may be more than a double holds.
        var width = NiceAbove(max / AimedAt - min / AimedAt);
        // One value alone, or a spread below what doubles can tell apart.
        if (!(width > Math.Max(Math.Abs(min), Math.Abs(max)) * 1e-12))
            width = NiceAbove(Math.Abs(min) / AimedAt);
        // Nothing, or next to nothing: what has no power of ten of its own.
        if (!(width >= 1e-300))
            width = 1;
        var first = Math.Floor(min / width);
        var last = Math.Floor(max / width) + 1;
        return
        [
            .. Enumerable
                .Range(0, (int)(last - first) + 1)
                .Select(n => Math.Clamp(Round((first + n) * width, width), double.MinValue, double.MaxValue)),
        ];
    }

    internal static double[] TimeEdges(double min, double max, FacilityClock clock)
    {
        // Counted on the wall: a day with a change of the clock has 23 or 25 hours.
        var from = clock.Of(DateTimeOffset.FromUnixTimeSeconds((long)Math.Floor(min))).DateTime;
        var to = clock.Of(DateTimeOffset.FromUnixTimeSeconds((long)Math.Floor(max))).DateTime;
        var days = (to - from).TotalDays;
        var (start, step) =
            days > 365 * 5 ? (new DateTime(from.Year, 1, 1), (Func<DateTime, DateTime>)(at => at.AddYears(1)))
            : days > 60 ? (new DateTime(from.Year, from.Month, 1), at => at.AddMonths(1))
            : (from.Date, at => at.AddDays(1));
        var edges = new List<double> { clock.First(start).ToUnixTimeSeconds() };
        for (var at = start; at <= to && edges.Count < 400; )
        {
            at = step(at);
            edges.Add(clock.First(at).ToUnixTimeSeconds());
        }
        return [.. edges];
    }

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
