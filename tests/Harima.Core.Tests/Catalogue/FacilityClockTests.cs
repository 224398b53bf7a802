using System.Globalization;
using Microsoft.Extensions.Options;

namespace Harima.Catalogue;

public sealed class FacilityClockTests
{
    static readonly FacilityClock Berlin = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    [Theory]
    [InlineData("2026-01-15 12:00", "2026-01-15T11:00:00Z")]
    [InlineData("2026-07-15 12:00", "2026-07-15T10:00:00Z")]
    [InlineData("2026-10-25 02:30", "2026-10-25T00:30:00Z")] // twice; the first
    [InlineData("2026-03-29 02:30", "2026-03-29T01:30:00Z")] // never
    public void A_time_on_the_wall_is_the_first_moment_it_shows(string wall, string moment) =>
        Assert.Equal(Moment(moment), Berlin.First(Wall(wall)));

    [Theory]
    [InlineData("2026-10-25 02:31", "2026-10-25T01:31:00Z")]
    [InlineData("2026-10-25 03:00", "2026-10-25T02:00:00Z")]
    [InlineData("2026-10-26 00:00", "2026-10-25T23:00:00Z")]
    public void What_is_counted_by_the_clock_ends_after_the_hour_that_comes_twice(string wall, string moment) =>
        Assert.Equal(Moment(moment), Berlin.After(Wall(wall)));

    [Fact]
    public void A_midnight_that_comes_twice_belongs_to_the_new_day()
    {
        var havana = new FacilityClock(TimeZoneInfo.FindSystemTimeZoneById("America/Havana"));
        // At 01:00 on 1 November the clock goes back to midnight.
        var midnight = Wall("2026-11-01 00:00");
        Assert.Equal(Moment("2026-11-01T04:00:00Z"), havana.First(midnight));
        Assert.Equal(havana.First(midnight), havana.After(midnight));
    }

    [Fact]
    public void Moments_read_as_the_wall_shows_them_and_name_the_clock()
    {
        var (summer, winter) = (Moment("2026-07-31T22:30:00Z"), Moment("2026-12-31T23:30:00Z"));
        Assert.Equal("2026-08-01 00:30", Berlin.Time(summer));
        Assert.Equal("UTC+02:00", Berlin.Name(summer));
        Assert.Equal("2027-01-01", Berlin.Date(winter));
        Assert.Equal("UTC+01:00", Berlin.Name(winter));
        Assert.Equal("JST", new FacilityClock(Options.Create(new FacilityOptions())).Name(summer));
    }

    [Fact]
    public void A_zone_that_this_system_does_not_know_is_refused_by_its_key()
    {
        var refused = Assert.Single(new FacilityOptions { TimeZone = "Japan Time" }.Validate(new(new object())));
        Assert.Contains("Harima:Facility:TimeZone: 'Japan Time'", refused.ErrorMessage, StringComparison.Ordinal);
    }

    static DateTime Wall(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);

    static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
