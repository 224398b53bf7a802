using System.Text.Json.Serialization;

namespace Harima.Access;

/// <summary>One request, as a line of the access log.</summary>
public sealed record AccessLogEntry
{
    public DateTimeOffset Time { get; init; }
    public required string RequestId { get; init; }
    public string? RemoteIp { get; init; }

    /// <summary>User id, or <c>anonymous</c>.</summary>
    public required string Requester { get; init; }

    /// <summary>How they came: <c>key HK…</c>, <c>portal</c>, <c>token …</c>.</summary>
    public required string Via { get; init; }

    /// <summary><c>s3</c> or <c>rest</c>.</summary>
    public required string Door { get; init; }

    /// <summary>The S3 action, or <c>DownloadFile</c>, <c>DownloadArchive</c>; null where the request named none.</summary>
    public string? Operation { get; init; }
    public string? Bucket { get; init; }

    /// <summary>For an archive the sequence with a slash.</summary>
    public string? Key { get; init; }
    public required string Method { get; init; }

    /// <summary>The path as sent, without its query: that may hold a signature.</summary>
    public string? Path { get; init; }
    public int Status { get; init; }
    public string? ErrorCode { get; init; }

    /// <summary>The length announced for the answer.</summary>
    public long? BytesSent { get; init; }

    /// <summary>The length announced for the body received.</summary>
    public long? BytesReceived { get; init; }
    public long DurationMs { get; init; }

    /// <summary>Where a copy read from, as <c>bucket/key</c>.</summary>
    public string? CopySource { get; init; }
    public string? Range { get; init; }
    public string? UserAgent { get; init; }
    public string? Host { get; init; }

    /// <summary>Bucket and key that were read, or null: what the fold is made of.</summary>
    internal (string Bucket, string Key)? Read
    {
        get
        {
            if (Status is < 200 or > 299)
                return null;
            if (CopySource is not null && CopySource.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
                return (CopySource[..slash], CopySource[(slash + 1)..]);
            return
                Operation is "GetObject" or "DownloadFile" or "DownloadArchive" && Bucket is not null && Key is not null
                ? (Bucket, Key)
                : null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(AccessLogEntry))]
sealed partial class AccessLogJson : JsonSerializerContext;
