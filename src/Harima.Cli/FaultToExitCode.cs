using System.Net;
using System.Security.Authentication;
using Harima.Cli.Transfers;
using Harima.Rest;
using Harima.S3.Errors;

namespace Harima.Cli;

/// <summary>From refusals to exit codes: the one table of this surface. docs/reference/cli.md repeats it; a test compares.</summary>
static class FaultToExitCode
{
    public const int Done = 0;
    public const int Unforeseen = 1;
    public const int Usage = 2;
    public const int Forbidden = 4;
    public const int NotTaken = 7;
    public const int NotTransferred = 9;
    public const int Closed = 11;
    public const int NotIntact = 12;
    public const int NoLocalName = 13;

    public static IReadOnlyList<(int Code, string Meaning)> Table { get; } =
    [
        (Done, "done"),
        (Unforeseen, "something nobody foresaw; please report it"),
        (Usage, "the command line is not right"),
        (3, "not logged in, or the token is no longer good"),
        (Forbidden, "you may not do this"),
        (5, "it does not exist, or you have no access to it"),
        (6, "its state forbids it: exists already, is in use, changed meanwhile"),
        (NotTaken, "the server does not take what was given, such as metadata that is no JSON object"),
        (8, "the server cannot be reached, or failed"),
        (NotTransferred, "some files were not transferred; run the same command again"),
        (10, "a local file or folder cannot be read or written"),
        (Closed, "the sequence is closed and cannot be changed any more"),
        (NotIntact, "some files did not arrive with the right checksum; run the same command again"),
        (NoLocalName, "all files that can be local files are there; some keys cannot, see `--rename`"),
        (130, "interrupted; run the same command again to go on"),
    ];

    public static int Of(Exception fault) =>
        fault switch
        {
            RefusedException { Problem.Reason: "sequence-closed" } => Closed,
            RefusedException refused => OfStatus(refused.Problem.Status),
            S3Exception { Code: "BadDigest" or "XAmzContentSHA256Mismatch" } => NotIntact,
            S3Exception refused => OfStatus(refused.Error.Status),
            NotLoggedInException => 3,
            MetadataException => NotTaken,
            UsageException => Usage,
            TransferException failed => failed.ExitCode,
            OperationCanceledException => 130,
            HttpRequestException or AuthenticationException or InvalidDataException => 8,
            IOException or UnauthorizedAccessException => 10,
            _ => Unforeseen,
        };

    static int OfStatus(int status) =>
        (HttpStatusCode)status switch
        {
            HttpStatusCode.Unauthorized => 3,
            HttpStatusCode.Forbidden => Forbidden,
            HttpStatusCode.NotFound => 5,
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => 6,
            >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => 8,
            _ => NotTaken,
        };
}

/// <summary>What was written on the command line does not go together.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>Nobody has logged in on this computer.</summary>
sealed class NotLoggedInException(string message) : Exception(message);
