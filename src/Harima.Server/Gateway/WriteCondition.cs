using System.Globalization;
using Harima.S3.Errors;
using Harima.Sequences;

namespace Harima.Gateway;

/// <summary>The conditions of a write or removal: what must hold for the object that is there.</summary>
static class WriteCondition
{
    public static FileCondition? Read(S3Request request)
    {
        var ifMatch = request.Header("if-match");
        var ifNoneMatch = request.Header("if-none-match");
        return ifMatch is null && ifNoneMatch is null ? null : new FileCondition(Tag(ifMatch), Tag(ifNoneMatch));
    }

    public static FileCondition? ReadForRemoval(S3Request request) =>
        ForRemoval(
            request.Header("if-match"),
            request.Header("x-amz-if-match-last-modified-time"),
            request.Header("x-amz-if-match-size")
        );

    /// <exception cref="S3Exception">InvalidArgument for a time or size that is none.</exception>
    public static FileCondition? ForRemoval(string? etag, string? lastModifiedTime, string? size)
    {
        if (etag is null && lastModifiedTime is null && size is null)
            return null;
        DateTimeOffset? modifiedAt = null;
        if (lastModifiedTime is not null)
            modifiedAt = Conditions.TryDate(lastModifiedTime.Trim(), out var at)
                ? at
                : throw S3Errors.InvalidArgument.With("The last modified time of the condition is not a date.");
        long? sizeBytes = null;
        if (size is not null)
            sizeBytes = long.TryParse(size.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                ? bytes
                : throw S3Errors.InvalidArgument.With("The size of the condition is not a number.");
        return new FileCondition(Tag(etag)) { IfModifiedAt = modifiedAt, IfSizeBytes = sizeBytes };
    }

    static string? Tag(string? header) => header?.Trim().Trim('"');
}
