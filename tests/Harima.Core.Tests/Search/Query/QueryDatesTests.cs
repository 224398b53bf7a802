using System.Globalization;
using Harima.Catalogue;

namespace Harima.Search.Query;

public sealed class QueryDatesTests
{
    [Theory]
    [InlineData("Asia/Tokyo", "2026-04", "2026-03-31T15:00:00Z", "2026-04-30T15:00:00Z")]
    [InlineData("Asia/Tokyo", "2026年4月1日", "2026-03-31T15:00:00Z", "2026-04-01T15:00:00Z")]
    [InlineData("Europe/Berlin", "2026", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z")]
    [InlineData("Europe/Berlin", "2026-04", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z")]
    // March begins in winter and ends in summer: an hour shorter than its 31 days.
    [InlineData("Europe/Berlin", "2026-03", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")]
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    // Both of the minutes that are called so.
    [InlineData("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:31:00Z")]
    [InlineData("Europe/Berlin", "2026-07-01T09:30:15", "2026-07-01T07:30:15Z", "2026-07-01T07:30:16Z")]
    // A zone that is said counts.
    [InlineData("Europe/Berlin", "2026-07-01T09:30:15+09:00", "2026-07-01T00:30:15Z", "2026-07-01T00:30:16Z")]
    [InlineData("Europe/Berlin", "2026-07-01T09:30Z", "2026-07-01T09:30:00Z", "2026-07-01T09:31:00Z")]
    public void A_date_is_all_of_what_it_names_on_the_facilitys_clock(
        string zone,
        string text,
        string from,
        string before
    )
    {
        var clock = new FacilityClock(TimeZoneInfo.FindSystemTimeZoneById(zone));
        Assert.True(QueryDates.TryParse(text, withYear: true, clock, out var span));
        Assert.Equal(Moment(from), span.From);
        Assert.Equal(Moment(before), span.Before);
    }

    [Fact]
    public void Bins_of_days_begin_at_midnight_on_both_sides_of_a_change_of_the_clock()
    {
        var clock = new FacilityClock(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        var (first, last) = (Moment("2026-10-24T10:00:00Z"), Moment("2026-10-26T10:00:00Z"));
        var edges = HistogramBins.TimeEdges(first.ToUnixTimeSeconds(), last.ToUnixTimeSeconds(), clock);
        Assert.Equal(
            ["2026-10-24 00:00", "2026-10-25 00:00", "2026-10-26 00:00", "2026-10-27 00:00"],
            edges.Select(edge => clock.Time(DateTimeOffset.FromUnixTimeSeconds((long)edge)))
        );
        Assert.Equal(25 * 3600, edges[2] - edges[1]);
    }

    static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
