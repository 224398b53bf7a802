using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Harima.Gateway;
using Harima.S3.Signing;

namespace Harima.Clients;

/// <summary>
/// Sends what WaterButler's <c>s3compat</c> provider sends, written from what was measured of it (boto 2.45 with
/// <c>gen-url-query-params</c>, aiohttp 3.6): Signature Version 2 in the query, paths of buckets that end in <c>/</c>, list
/// parameters that are not signed and come after the signature, and parameters that aiohttp sends twice.
/// </summary>
sealed class GakuNinRdm(HttpClient http, Uri endpoint, string bucket, Credentials credentials)
{
    public const int ChunkBytes = 5 << 20;
    const int LifetimeSeconds = 100;

    public static readonly XNamespace Xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary><c>encryptUploads</c>: the header, and the same as a parameter nobody signed.</summary>
    public bool EncryptsUploads { get; init; }

    public Task<Answer> HeadAsync(string key, CancellationToken token) => SendAsync("HEAD", key, "", "", null, token);

    public Task<Answer> GetAsync(string key, CancellationToken token, string? disposition = null, string? range = null)
    {
        var signed = disposition is null ? "" : "response-content-disposition=" + disposition;
        var sent = disposition is null ? "" : "response-content-disposition=" + Plus(disposition);
        return SendAsync("GET", key, signed, sent, null, token, range is null ? [] : [("Range", range)]);
    }

    public Task<Answer> PutAsync(string key, byte[] body, CancellationToken token)
    {
        (string, string)[] headers = EncryptsUploads ? [("x-amz-server-side-encryption", "AES256")] : [];
        var query = EncryptsUploads ? "x-amz-server-side-encryption=AES256" : "";
        return SendAsync("PUT", key, "", query, new ByteArrayContent(body), token, headers);
    }

    /// <summary>Initiate, parts of <see cref="ChunkBytes"/> (64 MB there), complete.</summary>
    public async Task<Answer> PutInPartsAsync(string key, byte[] body, CancellationToken token)
    {
        var uploadId = await InitiateAsync(key, token);
        var parts = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><CompleteMultipartUpload>");
        for (var (number, start) = (1, 0); start < body.Length; number++, start += ChunkBytes)
        {
            var part = body[start..Math.Min(start + ChunkBytes, body.Length)];
            var etag = (await PutPartAsync(key, uploadId, number, part, token)).IsOk().Header("ETag");
            parts.Append(
                CultureInfo.InvariantCulture,
                $"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
            );
        }
        parts.Append("</CompleteMultipartUpload>");
        return await SendAsync(
            "POST",
            key,
            "uploadId=" + uploadId,
            $"uploadId={uploadId}&uploadId={uploadId}",
            Xml(parts.ToString()),
            token
        );
    }

    public async Task<string> InitiateAsync(string key, CancellationToken token)
    {
        var begun = (await SendAsync("POST", key, "uploads", "uploads=&uploads=", null, token)).IsOk();
        return begun.Xml.Element(Xmlns + "UploadId")!.Value;
    }

    public Task<Answer> PutPartAsync(string key, string uploadId, int number, byte[] part, CancellationToken token) =>
        SendAsync(
            "PUT",
            key,
            FormattableString.Invariant($"partNumber={number}&uploadId={uploadId}"),
            FormattableString.Invariant(
                $"partNumber={number}&uploadId={uploadId}&partNumber={number}&uploadId={uploadId}"
            ),
            new ByteArrayContent(part),
            token
        );

    public Task<Answer> AbortAsync(string key, string uploadId, CancellationToken token) =>
        SendAsync("DELETE", key, "uploadId=" + uploadId, $"uploadId={uploadId}&uploadId={uploadId}", null, token);

    public Task<Answer> ListPartsAsync(string key, string uploadId, CancellationToken token) =>
        SendAsync("GET", key, "uploadId=" + uploadId, $"uploadId={uploadId}&uploadId={uploadId}", null, token);

    /// <summary>One page; its parameters are not signed at all.</summary>
    public Task<Answer> ListAsync(string prefix, int maxKeys, string? marker, CancellationToken token) =>
        SendAsync(
            "GET",
            "",
            "",
            FormattableString.Invariant($"prefix={Plus(prefix)}&delimiter=/&max-keys={maxKeys}")
                + (marker is null ? "" : "&marker=" + Plus(marker)),
            null,
            token
        );

    /// <summary>Folders and files of a folder, all pages of it.</summary>
    public async Task<string[]> ListAllAsync(string prefix, int maxKeys, CancellationToken token)
    {
        var found = new List<string>();
        string? marker = null;
        do
        {
            var page = (await ListAsync(prefix, maxKeys, marker, token)).IsOk().Xml;
            found.AddRange(page.Elements(Xmlns + "CommonPrefixes").Select(e => e.Element(Xmlns + "Prefix")!.Value));
            found.AddRange(page.Elements(Xmlns + "Contents").Select(e => e.Element(Xmlns + "Key")!.Value));
            marker =
                page.Element(Xmlns + "IsTruncated")!.Value == "true" ? page.Element(Xmlns + "NextMarker")!.Value : null;
        } while (marker is not null);
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary><c>versions=</c> twice on the wire, <c>versions</c> in the signature.</summary>
    public Task<Answer> ListVersionsAsync(string prefix, bool delimited, CancellationToken token)
    {
        var query = $"prefix={Plus(prefix)}{(delimited ? "&delimiter=/" : "")}&versions=";
        return SendAsync("GET", "", "versions", $"{query}&{query}", null, token);
    }

    /// <summary>Deletes as its <c>delete</c> does: every version there is, at most 1,000 in a request.</summary>
    public async Task<int> DeleteVersionsAsync(string prefix, bool folder, CancellationToken token)
    {
        var listed = (await ListVersionsAsync(prefix, delimited: !folder, token)).IsOk().Xml;
        var versions = listed
            .Elements(Xmlns + "Version")
            .Concat(listed.Elements(Xmlns + "DeleteMarker"))
            .Select(e => (Key: e.Element(Xmlns + "Key")!.Value, Id: e.Element(Xmlns + "VersionId")!.Value))
            .Where(version => folder || version.Key == prefix)
            .ToArray();
        var delete = new XElement(
            "Delete",
            versions.Select(version => new XElement(
                "Object",
                new XElement("Key", version.Key),
                new XElement("VersionId", version.Id)
            ))
        );
        await DeleteManyAsync(delete, token);
        return versions.Length;
    }

    public async Task DeleteManyAsync(XElement delete, CancellationToken token)
    {
        var text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>" + delete;
        var result = (await SendAsync("POST", "", "delete", "delete=&delete=", Xml(text), token)).IsOk().Xml;
        Assert.Empty(result.Elements(Xmlns + "Error"));
    }

    public Task<Answer> DeleteAsync(string key, CancellationToken token) =>
        SendAsync("DELETE", key, "", "", null, token);

    /// <summary>A request of the account pages: boto 2.38 with the signature in the header.</summary>
    public Task<Answer> AccountAsync(string method, string path, string signedQuery, CancellationToken token)
    {
        var date = TimeProvider.System.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        var resource = path + (signedQuery.Length == 0 ? "" : "?" + signedQuery);
        var signature = Sign($"{method}\n\n\n{date}\n{resource}");
        return SendAsync(
            method,
            resource,
            null,
            [("Date", date), ("Authorization", $"AWS {credentials.AccessKeyId}:{signature}")],
            token
        );
    }

    Task<Answer> SendAsync(
        string method,
        string key,
        string signedQuery,
        string sentQuery,
        HttpContent? content,
        CancellationToken token,
        params (string Name, string Value)[] headers
    )
    {
        var expires = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + LifetimeSeconds;
        var path = $"/{bucket}/{UriEncoding.Encode(key, keepSlash: true)}";
        var md5 = content?.Headers.ContentMD5 is { } digest ? Convert.ToBase64String(digest) : "";
        var type = content?.Headers.ContentType?.ToString() ?? "";
        var amz = string.Concat(
            headers
                .Where(header => header.Name.StartsWith("x-amz-", StringComparison.Ordinal))
                .Select(header => $"{header.Name}:{header.Value}\n")
        );
        var resource = path + (signedQuery.Length == 0 ? "" : "?" + signedQuery);
        var signature = Sign(FormattableString.Invariant($"{method}\n{md5}\n{type}\n{expires}\n{amz}{resource}"));
        var target = FormattableString.Invariant(
            $"{path}?Signature={UriEncoding.Encode(signature)}&Expires={expires}&AWSAccessKeyId={credentials.AccessKeyId}"
        );
        return SendAsync(method, sentQuery.Length == 0 ? target : $"{target}&{sentQuery}", content, headers, token);
    }

    async Task<Answer> SendAsync(
        string method,
        string target,
        HttpContent? content,
        (string Name, string Value)[] headers,
        CancellationToken token
    )
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            RawUri.Create(endpoint.GetLeftPart(UriPartial.Authority) + target)
        );
        request.Content = content;
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, token);
        return await Answer.ReadAsync(response, token);
    }

    string Sign(string text) =>
        Convert.ToBase64String(
            HMACSHA1.HashData(Encoding.UTF8.GetBytes(credentials.SecretKey), Encoding.UTF8.GetBytes(text))
        );

    static ByteArrayContent Xml(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("text/xml");
        content.Headers.ContentMD5 = MD5.HashData(bytes);
        return content;
    }

    // aiohttp: blanks as +, slashes as they are.
    static string Plus(string text) => UriEncoding.Encode(text, keepSlash: true).Replace("%20", "+");
}
