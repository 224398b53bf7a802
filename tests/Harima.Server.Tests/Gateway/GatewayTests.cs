using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Harima.S3.Client;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>What the tests of S3 actions have in common: signed and unsigned requests as one writes them on the wire.</summary>
public abstract class GatewayTests(RunningHarima harima) : IAsyncLifetime
{
    public const string Anonymous = "";

    protected const string Bucket = RunningHarima.Bucket;
    protected const string PrivateBucket = RunningHarima.PrivateBucket;
    protected const string Workspace = RunningHarima.Workspace;
    protected static readonly XNamespace Xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

    static int _names;

    protected RunningHarima Harima { get; } = harima;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected S3Client Leader => Harima.ClientOf("leader");

    /// <summary>A sequence id no other test uses: one server serves them all.</summary>
    protected static string NewSequence() =>
        "T" + Interlocked.Increment(ref _names).ToString("0000", CultureInfo.InvariantCulture);

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Harima.Missing is not null, Harima.Missing ?? "");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sends a request, signed by a user, or unsigned for <see cref="Anonymous"/>.</summary>
    protected async Task<Answer> SendAsync(
        string user,
        string method,
        string target,
        HttpContent? content = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            RawUri.Create(Harima.S3.GetLeftPart(UriPartial.Authority) + target)
        );
        request.Content = content;
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
        }
        if (user != Anonymous)
            new RequestSigner(Harima.KeyOf(user), "us-east-1", TimeProvider.System).Sign(
                request,
                PayloadHash.UnsignedPayload
            );
        using var response = await Harima.Http.SendAsync(request, Token);
        return await Answer.ReadAsync(response, Token);
    }

    protected Task<Answer> SendAsync(
        string user,
        string method,
        string target,
        string body,
        params (string Name, string Value)[] headers
    ) => SendAsync(user, method, target, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), headers);

    protected async Task PutAsync(string key, string text, string bucket = Bucket)
    {
        var answer = await SendAsync("leader", "PUT", $"/{bucket}/{UriEncoding.Encode(key, keepSlash: true)}", text);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    /// <summary>A sequence with one file in it; returns the file's target.</summary>
    protected async Task<string> NewFileAsync(string text, string name = "a.txt", string bucket = Bucket)
    {
        var key = $"{NewSequence()}/{name}";
        await PutAsync(key, text, bucket);
        return $"/{bucket}/{UriEncoding.Encode(key, keepSlash: true)}";
    }
}

/// <summary>An answer, read whole.</summary>
public sealed record Answer(HttpStatusCode Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public XElement Xml => XDocument.Parse(Text).Root!;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public string ETag => Header("ETag")!.Trim('"');

    public void IsRefused(int status, string code)
    {
        Assert.True(status == (int)Status, $"{(int)Status} instead of {status}: {Text}");
        Assert.Equal(code, Xml.Element("Code")!.Value);
        Assert.False(string.IsNullOrWhiteSpace(Xml.Element("Message")!.Value));
        Assert.Equal(Header("x-amz-request-id"), Xml.Element("RequestId")!.Value);
    }

    public Answer IsOk(HttpStatusCode status = HttpStatusCode.OK)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Text}");
        return this;
    }

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var headers = response
            .Headers.Concat(response.Content.Headers)
            .ToDictionary(
                header => header.Key,
                header => string.Join(",", header.Value),
                StringComparer.OrdinalIgnoreCase
            );
        return new Answer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), headers);
    }
}
