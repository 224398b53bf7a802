using System.Net;
using Harima.Storage;

namespace Harima.Api;

public sealed class StorageOnSqlite(SqliteHarima harima) : StorageTests(harima);

public sealed class StorageOnPostgres(PostgresHarima harima) : StorageTests(harima);

/// <summary>What administrators see and do about the storage.</summary>
public abstract class StorageTests(RunningHarima harima) : ApiTests(harima)
{
    [Fact]
    public async Task The_report_says_what_room_is_left_and_what_the_scrubber_does()
    {
        var report = (await SendAsync("admin", "GET", "/storage")).IsOk().Json();

        Assert.True(report.GetProperty("freeBytes").GetInt64() > 0);
        Assert.True(report.GetProperty("totalBytes").GetInt64() >= report.GetProperty("freeBytes").GetInt64());
        Assert.Equal(4 << 20, report.GetProperty("scrub").GetProperty("bytesPerSecond").GetInt64());
        Assert.Contains(
            report.GetProperty("scrub").GetProperty("state").GetString(),
            (string[])["idle", "running", "paused", "stopped"]
        );
    }

    [Fact]
    public async Task A_damaged_file_is_listed_and_checked_again()
    {
        var sequence = await NewSequenceAsync();
        var path = Path.Combine(Harima.Get<PosixStore>().Root, Proposal, sequence, "a.txt");
        await File.WriteAllTextAsync(path, "KEPT", Token);
        (await SendAsync("leader", "GET", $"/proposals/{Proposal}/sequences/{sequence}/content/a.txt")).IsProblem(
            500,
            "file-damaged"
        );

        var found = await FindDamagedAsync($"{sequence}/a.txt");

        Assert.Equal(RunningHarima.Bucket, found.GetProperty("bucket").GetString());
        Assert.Equal(path, found.GetProperty("path").GetString());
        Assert.Equal("changed", found.GetProperty("damage").GetString());
        Assert.Equal(4, found.GetProperty("sizeBytes").GetInt64());
        var check = $"/storage/damaged/{found.GetProperty("id").GetString()}/check";
        Assert.False((await SendAsync("admin", "POST", check)).IsOk().Json().GetProperty("sound").GetBoolean());
        await File.WriteAllTextAsync(path, "kept", Token);
        Assert.True((await SendAsync("admin", "POST", check)).IsOk().Json().GetProperty("sound").GetBoolean());
        (await SendAsync("admin", "POST", check)).IsProblem(404, "not-found");
        Assert.Equal(
            "kept",
            (await SendAsync("leader", "GET", $"/proposals/{Proposal}/sequences/{sequence}/content/a.txt")).IsOk().Text
        );
    }

    [Fact]
    public async Task An_unfinished_upload_is_listed_with_what_it_takes_and_can_be_given_up()
    {
        var key = NewId() + "/big";
        var client = Harima.ClientOf("member");
        var id = await client.CreateMultipartUploadAsync(RunningHarima.Bucket, key, null, Token);
        foreach (var number in new[] { 2, 1 })
            await client.UploadPartAsync(
                RunningHarima.Bucket,
                key,
                id,
                number,
                new MemoryStream(new byte[700]),
                700,
                Token
            );

        var one = (await FindUploadAsync(id))!.Value;
        Assert.Equal(key, one.GetProperty("key").GetString());
        Assert.Equal("member", one.GetProperty("owner").GetString());
        Assert.Equal(2, one.GetProperty("parts").GetInt64());
        Assert.Equal(1400, one.GetProperty("sizeBytes").GetInt64());
        (await SendAsync("leader", "DELETE", $"/storage/uploads/{id}")).IsProblem(403, "facility-only");
        (await SendAsync("admin", "DELETE", $"/storage/uploads/{id}")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("admin", "DELETE", $"/storage/uploads/{id}")).IsProblem(404, "no-such-upload");
        Assert.Null(await FindUploadAsync(id));
        Assert.Equal(
            "NoSuchUpload",
            (
                await Assert.ThrowsAsync<S3.Errors.S3Exception>(() =>
                    client.CompleteMultipartUploadAsync(RunningHarima.Bucket, key, id, [], Token)
                )
            )
                .Error
                .Code
        );
    }

    // Other tests leave uploads unfinished too, more than a page of them.
    async Task<System.Text.Json.JsonElement?> FindUploadAsync(string id)
    {
        for (string? cursor = ""; cursor is not null; )
        {
            var page = (await SendAsync("admin", "GET", "/storage/uploads?limit=200" + cursor)).IsOk().Json();
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                if (item.GetProperty("id").GetString() == id)
                    return item;
            }
            cursor = page.GetProperty("next").GetString() is { } next ? "&cursor=" + Uri.EscapeDataString(next) : null;
        }
        return null;
    }

    async Task<System.Text.Json.JsonElement> FindDamagedAsync(string key)
    {
        for (var n = 0; n < 15_000; n++)
        {
            var items = (await SendAsync("admin", "GET", "/storage/damaged?limit=200")).IsOk().Json();
            foreach (var item in items.GetProperty("items").EnumerateArray())
            {
                if (item.GetProperty("key").GetString() == key)
                    return item;
            }
            await Task.Delay(20, Token);
        }
        throw new InvalidOperationException("the damage was not listed");
    }
}
