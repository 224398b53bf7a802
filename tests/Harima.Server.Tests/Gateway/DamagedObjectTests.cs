using System.Security.Cryptography;
using Harima.S3.Signing;
using Harima.Sequences;

namespace Harima.Gateway;

public sealed class DamagedObjectsOnSqlite(SqliteHarima harima) : DamagedObjectTests(harima);

public sealed class DamagedObjectsOnPostgres(PostgresHarima harima) : DamagedObjectTests(harima);

/// <summary>Bytes that rot on the disk are never given to a client that asked for checksums as if they were right.</summary>
public abstract class DamagedObjectTests(RunningHarima harima) : GatewayTests(harima)
{
    static readonly (string, string) Checked = ("x-amz-checksum-mode", "ENABLED");

    async Task<string> NewRottenFileAsync(int sizeBytes, int at)
    {
        var key = NewSequence() + "/raw.bin";
        using var content = new ByteArrayContent(RandomNumberGenerator.GetBytes(sizeBytes));
        (await SendAsync("leader", "PUT", $"/{Bucket}/{key}", content)).IsOk();
        await Harima.RotAsync(key, at);
        return $"/{Bucket}/{key}";
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5_000, 4_999)]
    [InlineData(900_000, 1)]
    public async Task A_small_rotten_object_is_refused_in_words(int sizeBytes, int at)
    {
        var target = await NewRottenFileAsync(sizeBytes, at);

        var answer = await SendAsync("leader", "GET", target, (HttpContent?)null, Checked);

        answer.IsRefused(500, "InternalError");
        Assert.Contains("checksum", answer.Text, StringComparison.Ordinal);
        Assert.Null(answer.Header("x-amz-checksum-crc64nvme"));
    }

    [Theory]
    [InlineData(5_000_000, 3)]
    [InlineData(5_000_000, 4_999_999)]
    [InlineData(8 << 20, 1 << 20)]
    public async Task A_large_rotten_object_never_arrives_whole(int sizeBytes, int at)
    {
        var target = await NewRottenFileAsync(sizeBytes, at);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Harima.S3, target));
        request.Headers.TryAddWithoutValidation("x-amz-checksum-mode", "ENABLED");
        new RequestSigner(Harima.KeyOf("leader"), "us-east-1", TimeProvider.System).Sign(
            request,
            PayloadHash.UnsignedPayload
        );
        using var answer = await Harima.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(sizeBytes, answer.Content.Headers.ContentLength);

        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        long received = 0;
        var broken = await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = await body.ReadAsync(buffer, Token)) > 0; )
                received += read;
        });

        Assert.NotNull(broken);
        Assert.True(received < sizeBytes, $"{received} bytes arrived");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(3_333_333)]
    public async Task A_sound_object_arrives_whole(int sizeBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes(sizeBytes);
        var target = $"/{Bucket}/{NewSequence()}/sound";
        (await SendAsync("leader", "PUT", target, new ByteArrayContent(bytes))).IsOk();

        var answer = (await SendAsync("leader", "GET", target, (HttpContent?)null, Checked)).IsOk();

        Assert.Equal(bytes, answer.Body);
        Assert.NotNull(answer.Header("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task Once_it_is_known_nobody_gets_a_byte_of_it_and_an_overwrite_ends_that()
    {
        var target = await NewRottenFileAsync(5_000, 17);
        (await SendAsync("leader", "GET", target)).IsOk();
        (await SendAsync("leader", "GET", target, (HttpContent?)null, Checked)).IsRefused(500, "InternalError");
        await WaitForDamageAsync(target.Split('/', 3)[2]);

        (await SendAsync("leader", "GET", target)).IsRefused(500, "InternalError");
        (await SendAsync("leader", "GET", target, (HttpContent?)null, ("Range", "bytes=0-9"))).IsRefused(
            500,
            "InternalError"
        );
        (
            await SendAsync("leader", "PUT", target + "-copy", new ByteArrayContent([]), ("x-amz-copy-source", target))
        ).IsRefused(500, "InternalError");
        // That it exists, and what it should be, may be asked.
        (await SendAsync("leader", "HEAD", target)).IsOk();

        (await SendAsync("leader", "PUT", target, "new")).IsOk();
        Assert.Equal("new", (await SendAsync("leader", "GET", target, (HttpContent?)null, Checked)).IsOk().Text);
    }

    async Task WaitForDamageAsync(string key)
    {
        for (var n = 0; n < 15_000; n++)
        {
            var page = await Harima
                .Get<StorageHealth>()
                .DamagedAsync(RunningHarima.PrincipalOf("admin"), null, 200, Token);
            if (page.Items.Any(view => view.Key == key))
                return;
            await Task.Delay(20, Token);
        }
        Assert.Fail("the damage was not listed");
    }
}
