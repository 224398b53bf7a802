using System.Text.Json;
using Harima.Cli.Transfers;
using Harima.Rest;
using Harima.S3.Errors;

namespace Harima.Cli.Output;

/// <summary>Says on the error stream what went wrong.</summary>
static class FaultText
{
    public static void Write(Exception fault, int code, bool json)
    {
        var reason = fault switch
        {
            RefusedException refused => refused.Problem.Reason,
            S3Exception refused => refused.Code,
            MetadataException => MetadataException.Reason,
            _ => null,
        };
        var message = Sentence(fault, code);
        Console.Error.WriteLine(
            json
                ? JsonSerializer.Serialize(new FaultDto(message, reason, code), CliJson.Default.FaultDto)
                : "harima: " + (code == FaultToExitCode.Unforeseen ? message : Answer.Printable(message))
        );
    }

    static string Sentence(Exception fault, int code) =>
        fault switch
        {
            OperationCanceledException => "Interrupted. Run the same command again to go on.",
            HttpRequestException => $"The server cannot be reached: {Innermost(fault).Message}",
            _ when code == FaultToExitCode.Unforeseen => fault.ToString(),
            _ => fault.Message,
        };

    static Exception Innermost(Exception fault) =>
        fault.InnerException is null ? fault : Innermost(fault.InnerException);
}
