using System.Text.Json.Nodes;
using Harima.Faults;
using Microsoft.AspNetCore.WebUtilities;

namespace Harima.SciCat;

/// <summary>From refusals to the errors of SciCat's backend: the one table of this surface.</summary>
static class FaultToSciCatError
{
    static readonly Dictionary<FaultCode, int> Statuses = new()
    {
        [FaultCode.Invalid] = 400,
        [FaultCode.Unauthenticated] = 401,
        [FaultCode.Forbidden] = 403,
        [FaultCode.NotFound] = 404,
        [FaultCode.Conflict] = 409,
        [FaultCode.Closed] = 409,
        [FaultCode.PreconditionFailed] = 412,
        [FaultCode.Incomplete] = 400,
        [FaultCode.ChecksumMismatch] = 400,
        [FaultCode.TooLarge] = 413,
        [FaultCode.TooManyRequests] = 429,
        [FaultCode.StorageFull] = 507,
        [FaultCode.Damaged] = 500,
        [FaultCode.Unavailable] = 503,
    };

    public static JsonObject Of(FaultException fault) =>
        // SciCat says 403 to somebody who is not logged in, and its clients expect that.
        Body(fault.Reason == "login-needed" ? 403 : Statuses[fault.Code], fault.Message, fault.Reason);

    public static JsonObject Body(int status, string message, string reason) =>
        new()
        {
            ["statusCode"] = status,
            ["message"] = message,
            ["error"] = ReasonPhrases.GetReasonPhrase(status),
            ["reason"] = reason,
        };
}
