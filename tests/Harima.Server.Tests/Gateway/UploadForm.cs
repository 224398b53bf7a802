using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>An upload form as a page would hold it, with a policy signed the one way or the other.</summary>
static class UploadForm
{
    public const string Boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

    public static JsonArray Eq(string field, string value) => ["eq", "$" + field, value];

    public static JsonArray StartsWith(string field, string value) => ["starts-with", "$" + field, value];

    public static JsonObject Policy(params JsonNode[] conditions) =>
        new()
        {
            ["expiration"] = TimeProvider
                .System.GetUtcNow()
                .AddMinutes(5)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["conditions"] = new JsonArray(conditions),
        };

    /// <summary>The fields that sign a policy with Version 2.</summary>
    public static (string, string)[] SignV2(Credentials key, JsonNode policy)
    {
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy.ToJsonString()));
        var signature = Convert.ToBase64String(
            HMACSHA1.HashData(Encoding.UTF8.GetBytes(key.SecretKey), Encoding.UTF8.GetBytes(text))
        );
        return [("AWSAccessKeyId", key.AccessKeyId), ("signature", signature), ("policy", text)];
    }

    /// <summary>The fields that sign a policy with Version 4; they must stand in the policy, too, so they are added to it.</summary>
    public static (string, string)[] SignV4(Credentials key, JsonObject policy)
    {
        var date = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = new CredentialScope(date[..8], "us-east-1", "s3");
        var fields = new List<(string Name, string Value)>
        {
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", $"{key.AccessKeyId}/{scope}"),
            ("X-Amz-Date", date),
        };
        if (key.SessionToken is { } token)
            fields.Add(("x-amz-security-token", token));
        foreach (var (name, value) in fields)
            policy["conditions"]!.AsArray().Add(new JsonObject { [name] = value });
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy.ToJsonString()));
        var signature = Convert.ToHexStringLower(
            HMACSHA256.HashData(SigningKeys.Derive(key.SecretKey, scope), Encoding.UTF8.GetBytes(text))
        );
        return [.. fields, ("Policy", text), ("X-Amz-Signature", signature)];
    }

    /// <summary>The form on the wire, the file last.</summary>
    public static ByteArrayContent Content(
        IEnumerable<(string Name, string Value)> fields,
        byte[]? file,
        string fileName = "scan.tif",
        string after = ""
    )
    {
        using var body = new MemoryStream();
        void Write(string text) => body.Write(Encoding.UTF8.GetBytes(text));

        foreach (var (name, value) in fields)
            Write($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        if (file is not null)
        {
            Write(
                $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{fileName}\"\r\n"
                    + "Content-Type: image/tiff\r\n\r\n"
            );
            body.Write(file);
            Write("\r\n");
        }
        Write($"{after}--{Boundary}--\r\n");
        return Typed(body.ToArray());
    }

    public static ByteArrayContent Typed(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={Boundary}");
        return content;
    }
}
