namespace Harima.S3.Errors;

/// <summary>A refusal in S3's words: thrown by the readers and verifiers here, and by the client for an error answer.</summary>
public sealed class S3Exception : Exception
{
    /// <summary>A refusal with S3's own sentence.</summary>
    public S3Exception(S3Error error)
        : this(error, error.Message) { }

    /// <summary>A refusal with a sentence of its own.</summary>
    public S3Exception(S3Error error, string message)
        : base(message) => Error = error;

    /// <summary>A refusal with the fault that led to it.</summary>
    public S3Exception(S3Error error, string message, Exception innerException)
        : base(message, innerException) => Error = error;

    /// <summary>The code and status.</summary>
    public S3Error Error { get; }

    /// <summary>The code, as in the error document.</summary>
    public string Code => Error.Code;

    /// <summary>The HTTP status code.</summary>
    public int Status => Error.Status;

    /// <summary>Further elements of the error document, such as <c>BucketName</c> or <c>Key</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];
}
