using System.Net.Http.Headers;
using System.Security.Cryptography;
using Harima.Api;

namespace Harima.Storage;

public sealed class FarArchivesOnHarima(HarimaOnHarima harima) : FarArchiveTests(harima);

public sealed class FarArchivesOnRadosgw(HarimaOnRadosgw harima) : FarArchiveTests(harima);

/// <summary>An archive whose files lie in another store: some are fetched ahead of their turn, and nobody notices.</summary>
public abstract class FarArchiveTests(S3BackedHarima harima) : ApiTests(harima)
{
    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task An_object_that_is_missing_in_the_middle_ends_the_archive_before_that_file(string format)
    {
        var id = NewId("far-");
        for (var n = 0; n < 60; n++)
            await PutAsync(Proposal, $"{id}/f{n:00}", RandomNumberGenerator.GetBytes(4000 + n));
        var query = $"/download?format={format}&s={Proposal}/{id}";
        var (whole, isWhole) = await FetchAsync(query);
        Assert.True(isWhole);
        await harima.LoseAsync(id + "/f40");

        var (part, isAll) = await FetchAsync(query);

        Assert.False(isAll);
        Assert.True(part.AsSpan().SequenceEqual(whole.AsSpan(0, part.Length)));
        // Nothing of the file itself, nor of those behind it, though they had been fetched.
        var at = whole.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(id + "/f40"));
        Assert.InRange(part.Length, 0, at + 600);
    }

    [Fact]
    public async Task Who_breaks_off_can_begin_again_and_gets_the_same_bytes()
    {
        var id = NewId("far-");
        for (var n = 0; n < 100; n++)
            await PutAsync(Proposal, $"{id}/f{n:00}", RandomNumberGenerator.GetBytes(200_000));
        var query = $"/download?s={Proposal}/{id}";
        for (var round = 0; round < 5; round++)
        {
            using var response = await AskAsync(query);
            await using var body = await response.Content.ReadAsStreamAsync(Token);
            await body.ReadExactlyAsync(new byte[300_000], Token);
        }
        var (first, _) = await FetchAsync(query);
        var (second, isWhole) = await FetchAsync(query);
        Assert.True(isWhole);
        Assert.Equal(SHA256.HashData(first), SHA256.HashData(second));
    }

    async Task<HttpResponseMessage> AskAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Harima.Portal, query));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenOfAsync("leader"));
        var response = await Harima.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        response.EnsureSuccessStatusCode();
        return response;
    }

    async Task<(byte[] Bytes, bool IsWhole)> FetchAsync(string query)
    {
        using var response = await AskAsync(query);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        using var copy = new MemoryStream();
        try
        {
            await body.CopyToAsync(copy, Token);
            return (copy.ToArray(), true);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return (copy.ToArray(), false);
        }
    }
}
