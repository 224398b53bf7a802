namespace Harima.S3.Errors;

/// <summary>The table of errors this library and its callers answer with.</summary>
/// <remarks>Source: Amazon S3 API reference, "Error responses"; codes are AWS's, letter for letter.</remarks>
public static class S3Errors
{
#pragma warning disable CS1591 // The code is the documentation: each member is named as its S3 code.
    public static readonly S3Error AccessDenied = new("AccessDenied", 403, "Access Denied");
    public static readonly S3Error AuthorizationHeaderMalformed = new(
        "AuthorizationHeaderMalformed",
        400,
        "The authorization header that you provided is not valid."
    );
    public static readonly S3Error AuthorizationQueryParametersError = new(
        "AuthorizationQueryParametersError",
        400,
        "The authorization query parameters that you provided are not valid."
    );
    public static readonly S3Error BadDigest = new(
        "BadDigest",
        400,
        "The Content-MD5 or checksum value that you specified did not match what the server received."
    );
    public static readonly S3Error BucketAlreadyExists = new(
        "BucketAlreadyExists",
        409,
        "The requested bucket name is not available."
    );
    public static readonly S3Error BucketAlreadyOwnedByYou = new(
        "BucketAlreadyOwnedByYou",
        409,
        "The bucket that you tried to create already exists, and you own it."
    );
    public static readonly S3Error BucketNotEmpty = new(
        "BucketNotEmpty",
        409,
        "The bucket that you tried to delete is not empty."
    );
    public static readonly S3Error ConditionalRequestConflict = new(
        "ConditionalRequestConflict",
        409,
        "A conflicting operation occurred during the request. Try again."
    );
    public static readonly S3Error EntityTooLarge = new(
        "EntityTooLarge",
        400,
        "Your proposed upload exceeds the maximum allowed object size."
    );
    public static readonly S3Error EntityTooSmall = new(
        "EntityTooSmall",
        400,
        "Your proposed upload is smaller than the minimum allowed object size."
    );
    public static readonly S3Error ExpiredToken = new("ExpiredToken", 400, "The provided token has expired.");
    public static readonly S3Error IllegalVersioningConfigurationException = new(
        "IllegalVersioningConfigurationException",
        400,
        "The versioning configuration specified in the request is invalid."
    );
    public static readonly S3Error IncompleteBody = new(
        "IncompleteBody",
        400,
        "You did not provide the number of bytes specified by the Content-Length HTTP header."
    );
    public static readonly S3Error InsufficientStorage = new(
        "InsufficientStorage",
        507,
        "There is not enough storage left for this request."
    );
    public static readonly S3Error InternalError = new(
        "InternalError",
        500,
        "An internal error occurred. Please try again."
    );
    public static readonly S3Error InvalidAccessKeyId = new(
        "InvalidAccessKeyId",
        403,
        "The access key ID that you provided does not exist in our records."
    );
    public static readonly S3Error InvalidArgument = new("InvalidArgument", 400, "Invalid argument.");
    public static readonly S3Error InvalidBucketName = new(
        "InvalidBucketName",
        400,
        "The specified bucket is not valid."
    );
    public static readonly S3Error InvalidChunkSizeError = new(
        "InvalidChunkSizeError",
        400,
        "A chunk of the body is malformed or larger than the length announced."
    );
    public static readonly S3Error InvalidDigest = new(
        "InvalidDigest",
        400,
        "The Content-MD5 or checksum value that you specified is not valid."
    );
    public static readonly S3Error InvalidObjectState = new(
        "InvalidObjectState",
        403,
        "The operation is not valid for the current state of the object."
    );
    public static readonly S3Error InvalidPart = new(
        "InvalidPart",
        400,
        "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified "
            + "entity tag might not have matched the part's entity tag."
    );
    public static readonly S3Error InvalidPartOrder = new(
        "InvalidPartOrder",
        400,
        "The list of parts was not in ascending order. The parts list must be specified in order by part number."
    );
    public static readonly S3Error InvalidPolicyDocument = new(
        "InvalidPolicyDocument",
        400,
        "The content of the form does not meet the conditions specified in the policy document."
    );
    public static readonly S3Error InvalidRange = new("InvalidRange", 416, "The requested range cannot be satisfied.");
    public static readonly S3Error InvalidRequest = new("InvalidRequest", 400, "The request is not valid.");
    public static readonly S3Error InvalidTag = new("InvalidTag", 400, "The tag provided was not a valid tag.");
    public static readonly S3Error InvalidToken = new(
        "InvalidToken",
        400,
        "The provided token is malformed or otherwise not valid."
    );
    public static readonly S3Error InvalidURI = new("InvalidURI", 400, "The specified URI couldn't be parsed.");
    public static readonly S3Error KeyTooLongError = new("KeyTooLongError", 400, "Your key is too long.");
    public static readonly S3Error MalformedPOSTRequest = new(
        "MalformedPOSTRequest",
        400,
        "The body of your POST request is not well-formed multipart/form-data."
    );
    public static readonly S3Error MalformedTrailerError = new(
        "MalformedTrailerError",
        400,
        "The request contained trailing data that was not well-formed or did not conform to our published schema."
    );
    public static readonly S3Error MalformedXML = new(
        "MalformedXML",
        400,
        "The XML you provided was not well-formed or did not validate against our published schema."
    );
    public static readonly S3Error MaxPostPreDataLengthExceeded = new(
        "MaxPostPreDataLengthExceeded",
        400,
        "Your POST request fields preceding the upload file were too large."
    );
    public static readonly S3Error MaxMessageLengthExceeded = new(
        "MaxMessageLengthExceeded",
        400,
        "Your request was too large."
    );
    public static readonly S3Error MetadataTooLarge = new(
        "MetadataTooLarge",
        400,
        "Your metadata headers exceed the maximum allowed metadata size."
    );
    public static readonly S3Error MethodNotAllowed = new(
        "MethodNotAllowed",
        405,
        "The specified method is not allowed against this resource."
    );
    public static readonly S3Error MissingContentLength = new(
        "MissingContentLength",
        411,
        "You must provide the Content-Length HTTP header."
    );
    public static readonly S3Error NoSuchBucket = new("NoSuchBucket", 404, "The specified bucket does not exist.");
    public static readonly S3Error NoSuchKey = new("NoSuchKey", 404, "The specified key does not exist.");
    public static readonly S3Error NoSuchUpload = new(
        "NoSuchUpload",
        404,
        "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might "
            + "have been aborted or completed."
    );
    public static readonly S3Error NoSuchVersion = new("NoSuchVersion", 404, "The specified version does not exist.");
    public static readonly S3Error NotImplemented = new(
        "NotImplemented",
        501,
        "A header or query you provided implies functionality that is not implemented."
    );
    public static readonly S3Error NotModified = new("NotModified", 304, "Not Modified");
    public static readonly S3Error OperationAborted = new(
        "OperationAborted",
        409,
        "A conflicting conditional operation is currently in progress against this resource. Try again."
    );
    public static readonly S3Error PreconditionFailed = new(
        "PreconditionFailed",
        412,
        "At least one of the preconditions that you specified did not hold."
    );
    public static readonly S3Error RequestTimeout = new(
        "RequestTimeout",
        400,
        "Your socket connection to the server was not read from or written to within the timeout period."
    );
    public static readonly S3Error RequestTimeTooSkewed = new(
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the server's time is too large."
    );
    public static readonly S3Error ServiceUnavailable = new(
        "ServiceUnavailable",
        503,
        "Service is unable to handle request."
    );
    public static readonly S3Error SignatureDoesNotMatch = new(
        "SignatureDoesNotMatch",
        403,
        "The request signature that the server calculated does not match the signature that you provided. Check your "
            + "secret access key and signing method."
    );
    public static readonly S3Error SlowDown = new("SlowDown", 503, "Please reduce your request rate.");
    public static readonly S3Error UnexpectedContent = new(
        "UnexpectedContent",
        400,
        "This request contains unsupported content."
    );
    public static readonly S3Error XAmzContentSHA256Mismatch = new(
        "XAmzContentSHA256Mismatch",
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed."
    );
#pragma warning restore CS1591
}
