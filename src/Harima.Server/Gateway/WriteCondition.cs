using Harima.Sequences;

namespace Harima.Gateway;

/// <summary>The conditions of a write: <c>If-Match</c> and <c>If-None-Match</c> of the object that is there.</summary>
static class WriteCondition
{
    public static FileCondition? Read(S3Request request)
    {
        var ifMatch = request.Header("if-match");
        var ifNoneMatch = request.Header("if-none-match");
        return ifMatch is null && ifNoneMatch is null
            ? null
            : new FileCondition(ifMatch?.Trim().Trim('"'), ifNoneMatch?.Trim().Trim('"'));
    }
}
