package vtl

import "strings"

// refused are methods that Java's class has and the one here has not, by name with their
// params: calling one is an error, where calling what nobody has is only unresolved.
type refused map[string][]string

// refusing makes the names of tables by params.
func refusing(tables ...map[string]string) refused {
	all := refused{}
	for _, table := range tables {
		for params, names := range table {
			for _, name := range strings.Fields(names) {
				all[name] = append(all[name], params)
			}
		}
	}
	return all
}

func (r refused) takes(name string, args []any) bool {
	for _, params := range r[name] {
		// Velocity calls a method that takes no arguments with any, too.
		if params == "" || (signature{params: params}).takes(args) {
			return true
		}
	}
	return false
}

// objectRefused are methods of every object of Java that are nothing for a template.
var objectRefused = refusing(map[string]string{"*": "wait", "": "notify notifyAll"})

// stringRefused has methods that came after Java 8 too.
var stringRefused = refusing(map[string]string{
	"":  "getBytes toCharArray chars codePoints isBlank lines strip stripLeading stripTrailing stripIndent translateEscapes",
	"S": "getBytes", "S*": "format join", "*": "formatted",
	"I": "codePointAt codePointBefore repeat indent", "II": "codePointCount offsetByCodePoints",
	"OOOO*": "regionMatches", "O": "copyValueOf", "OII": "copyValueOf valueOf",
})

var booleanRefused = refusing(map[string]string{
	"Z": "hashCode toString", "ZZ": "compare logicalAnd logicalOr logicalXor", "S": "getBoolean",
})

var characterRefused = refusing(map[string]string{"K": ofCharacter + " hashCode isHighSurrogate " +
	"isJavaLetter isJavaLetterOrDigit isLowSurrogate isSpace isSurrogate reverseBytes toString valueOf",
	"I": ofCharacter + " charCount getName highSurrogate isAlphabetic isBmpCodePoint isIdeographic " +
		"isSupplementaryCodePoint isValidCodePoint lowSurrogate toChars toString",
	"KK": "compare isSurrogatePair toCodePoint", "KI": "digit", "II": "digit forDigit",
	"OI": "codePointAt codePointBefore toChars", "OII": "codePointCount codePointAt codePointBefore", "OIO*": "offsetByCodePoints toChars",
})

// ofCharacter are the methods of a char or a code.
const ofCharacter = "getDirectionality getNumericValue getType isDefined isDigit isISOControl isIdentifierIgnorable " +
	"isJavaIdentifierPart isJavaIdentifierStart isLetter isLetterOrDigit isLowerCase isMirrored isSpaceChar isTitleCase " +
	"isUnicodeIdentifierPart isUnicodeIdentifierStart isUpperCase isWhitespace toLowerCase toTitleCase toUpperCase"

// wholeRefused are those of Integer or Long, which take own, the primitive type.
func wholeRefused(own string, more map[string]string) refused {
	return refusing(map[string]string{
		own: "bitCount hashCode highestOneBit lowestOneBit numberOfLeadingZeros numberOfTrailingZeros reverse reverseBytes " +
			"signum toBinaryString toHexString toOctalString toUnsignedString",
		own + own: "compare compareUnsigned divideUnsigned max min remainderUnsigned sum",
		"S":       "decode",
	}, map[string]string{own + "I": "rotateLeft rotateRight toUnsignedString"}, more)
}

var (
	integerRefused = wholeRefused("I", map[string]string{"I": "toUnsignedLong", "S": "getInteger parseUnsignedInt",
		"SO": "getInteger", "SI": "parseUnsignedInt", "SIII": "parseInt parseUnsignedInt"})
	longRefused = wholeRefused("J", map[string]string{"S": "getLong parseUnsignedLong", "SO": "getLong",
		"SI": "parseUnsignedLong", "SIII": "parseLong parseUnsignedLong"})
	shortRefused = refusing(map[string]string{"I": "hashCode reverseBytes toString toUnsignedInt toUnsignedLong valueOf",
		"II": "compare compareUnsigned", "O": "compareTo", "S": "decode parseShort valueOf", "SI": "parseShort valueOf"})
	byteRefused = refusing(map[string]string{"I": "hashCode toString toUnsignedInt toUnsignedLong valueOf",
		"II": "compare compareUnsigned", "O": "compareTo", "S": "decode parseByte valueOf", "SI": "parseByte valueOf"})
	floatRefused = refusing(map[string]string{"": "isInfinite isNaN", "O": "compareTo", "S": "parseFloat valueOf", "DD": "compare max min sum",
		"I": "intBitsToFloat", "D": "floatToIntBits floatToRawIntBits hashCode isFinite isInfinite isNaN toHexString toString valueOf"})
	doubleRefused = refusing(map[string]string{"DD": "compare max min sum", "J": "longBitsToDouble",
		"D": "doubleToLongBits doubleToRawLongBits hashCode isFinite toHexString"})
)

// ofBigNumbers are the methods of BigInteger and BigDecimal.
var ofBigNumbers = map[string]string{
	"":  "abs byteValueExact intValueExact longValueExact negate shortValueExact signum",
	"O": "add compareTo divide divideAndRemainder max min multiply remainder subtract", "I": "pow",
	"D": "valueOf",
}

var (
	bigIntegerRefused = refusing(ofBigNumbers, map[string]string{
		"":  "bitCount bitLength getLowestSetBit nextProbablePrime not sqrt sqrtAndRemainder toByteArray",
		"O": "and andNot gcd mod modInverse or xor", "OO": "modPow",
		"I": "clearBit flipBit isProbablePrime setBit shiftLeft shiftRight testBit toString", "IO": "probablePrime",
	})
	bigDecimalRefused = refusing(ofBigNumbers, map[string]string{
		"":   "plus precision scale stripTrailingZeros toBigInteger toBigIntegerExact toEngineeringString toPlainString ulp unscaledValue",
		"O":  "abs divideToIntegralValue negate plus round sqrt",
		"OO": "add divide divideAndRemainder divideToIntegralValue multiply remainder subtract", "OI": "divide", "OIO": "divide",
		"I": "movePointLeft movePointRight scaleByPowerOfTen setScale", "IO": "pow setScale", "II": "setScale", "JI": "valueOf",
	})
)

var ofCollections = map[string]string{"": "stream parallelStream spliterator", "*": "toArray", "O": "forEach removeIf"}

var (
	listRefused = refusing(ofCollections, map[string]string{
		"*": "listIterator of", "": "clone trimToSize", "I": "ensureCapacity", "O": "copyOf replaceAll sort"})
	arrayRefused = refusing(ofCollections, viewChanges, map[string]string{
		"*": "listIterator of", "IO": "add addAll", "O": "copyOf replaceAll sort"})
	viewRefused = refusing(ofCollections, viewChanges, map[string]string{"*": "of", "O": "copyOf"})
)

// viewChanges are what cannot be done to an array, or would change the map of a view.
var viewChanges = map[string]string{"": "clear", "O": "add addAll remove removeAll retainAll"}

// ofMaps take functions, which no template has: only null is one.
var ofMaps = map[string]string{"OO": "compute computeIfAbsent computeIfPresent", "OOO": "merge replace",
	"O": "copyOf forEach replaceAll", "": "clone", "*": "entry of ofEntries"}

var (
	mapRefused  = refusing(ofMaps)
	loopRefused = refusing(ofMaps, map[string]string{"": "clear entrySet stop",
		"O": "containsValue putAll remove", "OO": "getOrDefault putIfAbsent remove replace"})
	entryRefused    = refusing(map[string]string{"*": "comparingByKey comparingByValue copyOf"})
	iteratorRefused = refusing(map[string]string{"": "remove", "O": "forEachRemaining"})
)

var classRefused = refusing(map[string]string{"*": "arrayType asSubclass cast componentType desiredAssertionStatus descriptorString " +
	"forName getAnnotatedInterfaces getAnnotatedSuperclass getAnnotation getAnnotations getAnnotationsByType getCanonicalName " +
	"getClassLoader getClasses getComponentType getConstructor getConstructors getDeclaredAnnotation getDeclaredAnnotations " +
	"getDeclaredAnnotationsByType getDeclaredClasses getDeclaredConstructor getDeclaredConstructors getDeclaredField " +
	"getDeclaredFields getDeclaredMethod getDeclaredMethods getDeclaringClass getEnclosingClass getEnclosingConstructor " +
	"getEnclosingMethod getEnumConstants getField getFields getGenericInterfaces getGenericSuperclass getInterfaces getMethod " +
	"getMethods getModifiers getModule getNestHost getNestMembers getPackage getPackageName getPermittedSubclasses " +
	"getProtectionDomain getRecordComponents getResource getResourceAsStream getSigners getSuperclass getTypeName " +
	"getTypeParameters isAnnotation isAnnotationPresent isAnonymousClass isArray isAssignableFrom isEnum isHidden isInstance " +
	"isInterface isLocalClass isMemberClass isNestmateOf isPrimitive isRecord isSealed isSynthetic newInstance toGenericString"})
