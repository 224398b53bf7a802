using System.Net;
using System.Text.Json;
using Harima.Api;
using Harima.Search.Feed;
using Microsoft.Extensions.Options;

namespace Harima.Hosting;

/// <summary>A facility in Berlin.</summary>
public sealed class BerlinHarima : RunningHarima
{
    protected override IEnumerable<string> Settings => ["--Harima:Facility:TimeZone", "Europe/Berlin"];

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}

public sealed class FacilityClockTests(BerlinHarima harima) : ApiTests(harima), IClassFixture<BerlinHarima>
{
    // On the last of July in Berlin, on the first of August in Tokyo; and the last night of the year there.
    [Theory]
    [InlineData("2026-07-31T18:00:00+02:00", "date:2026-07", "2026", "2026-07-31T18:00:00+02:00")]
    [InlineData("2026-12-31T16:00:00Z", "date:2026-12-31", "2026", "2026-12-31T17:00:00+01:00")]
    // Without a zone it is Berlin's.
    [InlineData("2026-03-29 00:30", "date:2026-03-29", "2026", "2026-03-29T00:30:00+01:00")]
    public async Task Days_and_years_are_those_of_the_facilitys_clock(
        string measured,
        string question,
        string year,
        string shown
    )
    {
        var id = await NewSequenceAsync();
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/proposals/{Proposal}/sequences/{id}/metadata/measurement",
                JsonSerializer.Serialize(new { measurement = new { date = new { start_time = measured } } })
            )
        ).IsOk(HttpStatusCode.NoContent);
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        var found = (
            await SendAsync(
                "leader",
                "GET",
                $"/search?q=id:{id}%20{Uri.EscapeDataString(question)}&facets=year&columns=date"
            )
        )
            .IsOk()
            .Json();
        Assert.Equal(1, found.GetProperty("count").GetInt32());
        Assert.Equal(year, found.GetProperty("facets")[0].GetProperty("values")[0].GetProperty("value").GetString());
        Assert.Equal(shown, found.GetProperty("items")[0].GetProperty("columns").GetProperty("date").GetString());
    }

    [Fact]
    public async Task The_facility_and_its_pages_say_which_clock_it_is()
    {
        var facility = (await SendAsync(Anonymous, "GET", "/facility")).IsOk().Json();
        Assert.Equal("Europe/Berlin", facility.GetProperty("timeZone").GetString());
        var page = await Harima.Http.GetStringAsync(new Uri(Harima.Portal, "/login"), Token);
        Assert.Contains("data-time-zone=\"Europe/Berlin\"", page, StringComparison.Ordinal);
        Assert.Contains("Times are those of Europe/Berlin", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_that_is_none_stops_the_start_and_names_its_key()
    {
        var folder = Directory.CreateTempSubdirectory("harima-zone-");
        await using var app = HarimaHost.Build([
            "--port",
            "0",
            "--s3-port",
            "0",
            "--data",
            folder.FullName,
            "--Harima:Facility:TimeZone",
            "Asia/Harima",
        ]);
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartHarimaAsync(Token));
        Assert.Contains("Harima:Facility:TimeZone: 'Asia/Harima'", refusal.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }
}
