using System.Globalization;
using Microsoft.Extensions.Options;

namespace Harima.Catalogue;

/// <summary>The clock on the facility's walls: the one place that knows which moment a time without a zone means, and how a moment reads there.</summary>
public sealed class FacilityClock(TimeZoneInfo zone)
{
    public FacilityClock(IOptions<FacilityOptions> options)
        : this(TimeZoneInfo.FindSystemTimeZoneById(options.Value.TimeZone)) { }

    public TimeZoneInfo Zone => zone;

    /// <summary>The same moment, with the offset it has here.</summary>
    public DateTimeOffset Of(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone);

    /// <summary>
    /// The first moment at which the clock shows this: an hour that comes twice in autumn is the first of the two. One that the clock leaves
    /// out in spring is as long after the change as it says.
    /// </summary>
    public DateTimeOffset First(DateTime shown) => At(shown, later: false);

    /// <summary>The moment after the last at which the clock shows less than this on its way here: the end of what is counted by the clock.</summary>
    public DateTimeOffset After(DateTime shown) => At(shown.AddTicks(-1), later: true).AddTicks(1);

    DateTimeOffset At(DateTime shown, bool later)
    {
        // Only what the zone says of moments: TimeZoneInfo.IsAmbiguousTime denies a midnight that comes twice (Havana).
        var asUtc = new DateTimeOffset(DateTime.SpecifyKind(shown, DateTimeKind.Unspecified), TimeSpan.Zero);
        var (before, after) = (OffsetAt(asUtc, -1), OffsetAt(asUtc, 1));
        // The larger the offset, the earlier the moment.
        var (first, second) = before > after == later ? (after, before) : (before, after);
        foreach (var offset in (TimeSpan[])[first, second])
        {
            var moment = asUtc - offset;
            if (zone.GetUtcOffset(moment) == offset)
                return moment.ToOffset(offset);
        }
        return Of(asUtc - before);
    }

    TimeSpan OffsetAt(DateTimeOffset at, int daysLater) =>
        at.UtcDateTime.Year is > 1 and < 9999 ? zone.GetUtcOffset(at.AddDays(daysLater)) : zone.GetUtcOffset(at);

    /// <summary><c>2026-04-01 09:30</c>.</summary>
    public string Time(DateTimeOffset at) => Of(at).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary><c>2026-04-01</c>.</summary>
    public string Date(DateTimeOffset at) => Of(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>What the clock is called at that moment: <c>JST</c>, or <c>UTC+02:00</c> in Berlin's summer.</summary>
    public string Name(DateTimeOffset at) =>
        zone.Id == "Asia/Tokyo" ? "JST" : "UTC" + Of(at).ToString("zzz", CultureInfo.InvariantCulture);
}
