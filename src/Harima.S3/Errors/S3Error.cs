namespace Harima.S3.Errors;

/// <summary>One of S3's error codes with the HTTP status and the sentence S3 gives for it.</summary>
/// <param name="Code">The code, letter for letter as AWS writes it.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Message">The sentence sent when nothing more precise is known.</param>
/// <remarks>Source: Amazon S3 API reference, "Error responses".</remarks>
public sealed record S3Error(string Code, int Status, string Message)
{
    /// <summary>This error with a sentence that says precisely what failed.</summary>
    public S3Exception With(string message) => new(this, message);

    /// <summary>This error as an exception, with S3's own sentence.</summary>
    public S3Exception Exception() => new(this);
}
