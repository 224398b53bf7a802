using Harima.Faults;
using Harima.Identity;
using Harima.S3.Errors;

namespace Harima.Gateway;

/// <summary>What Core refuses, in S3's words. The one place where codes meet.</summary>
static class FaultToS3Error
{
    public static S3Exception Translate(FaultException fault, S3Route route, Principal principal)
    {
        // Who has not said who they are may have a right: as in S3 they are told to say so, whether or not there is such a thing.
        if (fault.IsOutOfReach && principal.IsAnonymous)
            return new S3Exception(
                S3Errors.AccessDenied,
                "Access Denied. Sign the request: this is not open to everyone, or does not exist."
            )
            {
                Details = [new("BucketName", route.Bucket)],
            };
        var error = ErrorOf(fault, route);
        // For what does not exist S3's own sentence is enough; everything else keeps Core's, which says what to do.
        var message = error.Status == 404 ? error.Message : fault.Message;
        return new S3Exception(error, message, fault) { Details = DetailsOf(error, route) };
    }

    /// <summary>Tells of delete markers in the headers of a refusal.</summary>
    public static void Describe(HttpResponse response, FaultException fault, S3Route route)
    {
        if (route.Action is not (S3Action.GetObject or S3Action.HeadObject or S3Action.GetObjectAttributes))
            return;
        if (!fault.Fields.TryGetValue("marker", out var marker))
        {
            if (fault.Code == FaultCode.NotFound && route.Key.Length > 0)
                response.Headers["x-amz-delete-marker"] = "false";
            return;
        }
        response.Headers["x-amz-delete-marker"] = "true";
        response.Headers["x-amz-version-id"] = marker;
        if (!fault.Fields.TryGetValue("markedAt", out var markedAt))
            return;
        response.Headers.LastModified = markedAt;
        response.Headers.Allow = "DELETE";
    }

    static S3Error ErrorOf(FaultException fault, S3Route route) =>
        fault.Code switch
        {
            FaultCode.NotFound => NotFound(fault, route),
            FaultCode.Invalid => Invalid(fault, route),
            // A client retries 409 and 5xx, which would be of no use against a closed sequence.
            FaultCode.Forbidden or FaultCode.Unauthenticated or FaultCode.Closed => S3Errors.AccessDenied,
            FaultCode.Conflict => fault.Reason switch
            {
                "bucket-exists" => S3Errors.BucketAlreadyExists,
                "bucket-not-empty" => S3Errors.BucketNotEmpty,
                // For good until somebody acts, so no client should try again.
                "changed-on-storage" or "gone-from-storage" or "unreadable-on-storage" => new S3Error(
                    "InvalidObjectState",
                    403,
                    fault.Message
                ),
                "too-many-workspaces" => new S3Error("TooManyBuckets", 400, fault.Message),
                _ => S3Errors.OperationAborted,
            },
            FaultCode.PreconditionFailed => S3Errors.PreconditionFailed,
            FaultCode.Incomplete => S3Errors.IncompleteBody,
            FaultCode.ChecksumMismatch => fault.Reason == "sha256-mismatch"
                ? S3Errors.XAmzContentSHA256Mismatch
                : S3Errors.BadDigest,
            FaultCode.TooLarge => S3Errors.EntityTooLarge,
            FaultCode.TooManyRequests => S3Errors.SlowDown,
            FaultCode.StorageFull => S3Errors.InsufficientStorage,
            FaultCode.Unavailable => S3Errors.ServiceUnavailable,
            _ => S3Errors.InternalError,
        };

    static S3Error NotFound(FaultException fault, S3Route route)
    {
        if (fault.Reason == "no-such-upload")
            return S3Errors.NoSuchUpload;
        if (fault.Fields.GetValueOrDefault("what") == "Version")
            return S3Errors.NoSuchVersion;
        return route.Key.Length == 0 || fault.Fields.GetValueOrDefault("what") == "Bucket"
            ? S3Errors.NoSuchBucket
            : S3Errors.NoSuchKey;
    }

    static S3Error Invalid(FaultException fault, S3Route route) =>
        fault.Reason switch
        {
            "no-parts" => S3Errors.MalformedXML,
            "part-order" => S3Errors.InvalidPartOrder,
            "invalid-part" => S3Errors.InvalidPart,
            "part-too-small" => S3Errors.EntityTooSmall,
            "key-length" => S3Errors.KeyTooLongError,
            "too-many-tags" or "tag-key" or "tag-value" or "tag-twice" => S3Errors.InvalidTag,
            // A copy names the marker as its source, which is a mistake in the request; others ask for what has no content.
            "delete-marker" => route.Action is S3Action.CopyObject or S3Action.UploadPartCopy
                ? S3Errors.InvalidRequest
                : S3Errors.MethodNotAllowed,
            "bucket-name" => S3Errors.InvalidBucketName,
            "acl-not-offered" => new S3Error("AccessControlListNotSupported", 400, fault.Message),
            "acl-ownership" => new S3Error("InvalidBucketAclWithObjectOwnership", 400, fault.Message),
            _ => S3Errors.InvalidArgument,
        };

    static IReadOnlyList<KeyValuePair<string, string>> DetailsOf(S3Error error, S3Route route) =>
        error.Code switch
        {
            "NoSuchBucket" => [new("BucketName", route.Bucket)],
            "NoSuchKey" => [new("Key", route.Key)],
            _ => [],
        };
}
